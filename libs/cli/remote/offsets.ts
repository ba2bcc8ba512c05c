import { readFileSync } from "node:fs";
import { CliError, EXIT } from "./cli-error.ts";
import { segment } from "./connect-rest.ts";
import { table } from "./output.ts";
import type { Session } from "./session.ts";

interface Offset {
  readonly partition: unknown;
  readonly offset: unknown;
}

const USAGE = "usage: millrace offsets get|set|reset <connector>";
const STOP_POLL_MS = 250;
const STOP_TIMEOUT_MS = 60_000;

/** `offsets get|set|reset <name>`. */
export async function offsets(session: Session): Promise<number> {
  const [verb, name, ...more] = session.args.files;
  if (name === undefined || more.length > 0) throw new CliError(USAGE, EXIT.usage);
  const path = `/connectors/${segment(name)}`;
  switch (verb) {
    case "get":
      return show(session, path);
    case "set":
      return change(session, path, { method: "PATCH", body: { offsets: wanted(session) } });
    case "reset":
      if (!(await session.confirmed(`Remove all offsets of ${name}? It begins anew.`))) return EXIT.failed;
      return change(session, path, { method: "DELETE" });
    default:
      throw new CliError(USAGE, EXIT.usage);
  }
}

async function show(session: Session, path: string): Promise<number> {
  const body = (await session.rest.get(`${path}/offsets`)) as { offsets: Offset[] };
  if (await session.structured(body)) return EXIT.done;
  if (body.offsets.length === 0) session.note("No offsets yet.\n");
  else {
    session.write(
      table(body.offsets, [
        { title: "PARTITION", of: ({ partition }) => JSON.stringify(partition) },
        { title: "OFFSET", of: ({ offset }) => JSON.stringify(offset) },
      ]),
    );
  }
  return EXIT.done;
}

/** Of a connector that is not stopped the server refuses it; `--stop` stops it first and then brings it back. */
async function change(
  session: Session,
  path: string,
  { method, body }: { readonly method: "PATCH" | "DELETE"; readonly body?: unknown },
): Promise<number> {
  const { rest, args, write } = session;
  const before = args.options.stop === "true" ? await stopped(session, path) : null;
  try {
    const { body: answer } = await rest.send(method, `${path}/offsets`, body);
    write(`${(answer as { message: string }).message}\n`);
  } finally {
    if (before === "RUNNING") await rest.send("PUT", `${path}/resume`);
    if (before === "PAUSED") await rest.send("PUT", `${path}/pause`);
  }
  return EXIT.done;
}

/** @returns the state it was in. */
async function stopped({ rest }: Session, path: string): Promise<string> {
  const state = async () => (await rest.get(`${path}/status`)) as { connector: { state: string }; tasks: unknown[] };
  const before = (await state()).connector.state;
  await rest.send("PUT", `${path}/stop`);
  for (let waitedMs = 0; ; waitedMs += STOP_POLL_MS) {
    const { connector, tasks } = await state();
    if (connector.state === "STOPPED" && tasks.length === 0) return before;
    if (waitedMs > STOP_TIMEOUT_MS) throw new CliError("the connector did not stop; its offsets are as they were");
    await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
  }
}

function wanted({ args }: Session): readonly Offset[] {
  const { filename, partition, offset } = args.options;
  if (filename !== undefined) {
    const text = readFileSync(filename === "-" ? 0 : filename, "utf8");
    const given = json(text, filename) as { offsets?: Offset[] } | Offset[];
    return Array.isArray(given) ? given : (given.offsets ?? []);
  }
  if (partition === undefined || offset === undefined) {
    throw new CliError(
      `give --partition '{…}' --offset '{…}' (null removes it), or -f <file> as 'offsets get -o json' writes it`,
      EXIT.usage,
    );
  }
  return [{ partition: json(partition, "--partition"), offset: json(offset, "--offset") }];
}

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(`${what} is no JSON`, EXIT.usage, { cause });
  }
}
