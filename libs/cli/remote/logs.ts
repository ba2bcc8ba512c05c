import { CliError, EXIT } from "./cli-error.ts";
import { segment } from "./connect-rest.ts";
import { oneName, type Session } from "./session.ts";

/** One line of a log, as the runners keep them. */
interface Line {
  readonly time?: string | number;
  readonly level?: string;
  readonly msg?: string;
  readonly message?: string;
  readonly task?: number;
  readonly [field: string]: unknown;
}

const SHOWN = new Set(["time", "level", "msg", "message", "task", "connector"]);

/** `logs <name> [-f] [--lines N]`: what connector and tasks have logged lately, wherever they run. */
export async function logs(session: Session): Promise<number> {
  const name = oneName(session, "logs <connector> [-f] [--lines N]");
  const { options } = session.args;
  const path = `/millrace/v1/connectors/${segment(name)}/logs?lines=${options.lines ?? "100"}`;
  const print = (line: Line) =>
    session.write(`${session.format === "json" ? JSON.stringify(line) : lineText(session, line)}\n`);
  if (options.follow !== "true") {
    const body = (await session.rest.get(path)) as { lines: Line[] };
    for (const line of body.lines) print(line);
    return EXIT.done;
  }
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  try {
    const response = await session.rest.open("GET", `${path}&follow=true`, undefined, interrupted.signal);
    if (!response.ok || response.body === null) {
      const body = (await response.json().catch(() => null)) as { message?: string } | null;
      throw new CliError(
        body?.message ?? `the logs were answered with ${response.status}`,
        response.status === 404 ? EXIT.notFound : EXIT.failed,
      );
    }
    for await (const line of events(response.body)) print(line);
  } catch (cause) {
    if (interrupted.signal.aborted) return EXIT.interrupted;
    if (cause instanceof CliError) throw cause;
    throw connectionLost(session, cause);
  }
  throw connectionLost(session);
}

function connectionLost({ rest }: Session, cause?: unknown): CliError {
  return new CliError(`${rest.url} ended the connection: start again to go on`, EXIT.unreachable, { cause });
}

/** The data of server-sent events, each a line of JSON. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split("\n\n");
    rest = parts.pop()!;
    for (const part of parts) {
      const data = part.split("\n").flatMap((text) => (text.startsWith("data:") ? [text.slice(5).trim()] : []));
      if (data.length > 0) yield JSON.parse(data.join("\n")) as Line;
    }
  }
}

function lineText({ paint }: Session, line: Line): string {
  const level = String(line.level ?? "")
    .toUpperCase()
    .padEnd(5);
  const task = line.task === undefined ? "" : ` [task ${line.task}]`;
  const rest = Object.entries(line).filter(([key]) => !SHOWN.has(key));
  const fields = rest
    .map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
  const coloured = /ERROR|FATAL/.test(level)
    ? paint("red", level)
    : level.startsWith("WARN")
      ? paint("yellow", level)
      : level;
  return `${timeText(line.time)} ${coloured}${task} ${line.msg ?? line.message ?? ""}${fields}`;
}

function timeText(time: string | number | undefined): string {
  if (time === undefined) return "";
  return typeof time === "number" ? new Date(time).toISOString() : time;
}
