import { CliError, EXIT } from "./cli-error.ts";
import type { Session } from "./session.ts";
import { desiredConnectors } from "./write.ts";

interface Bytes {
  readonly text?: string;
  readonly base64?: string;
}

interface Step {
  readonly stage: string;
  readonly alias: string | null;
  readonly applied: boolean;
  readonly record: {
    readonly topic: string;
    readonly key: string;
    readonly value: string;
    readonly valueSchema: string | null;
  } | null;
  readonly bytes: { readonly topic: string; readonly key: Bytes | null; readonly value: Bytes | null } | null;
  readonly error: string | null;
}

interface Preview {
  readonly type: string;
  readonly records: readonly { readonly steps: readonly Step[] }[];
  readonly ended: string;
}

/** `preview <name>` or `preview -f <file>`: real records through each step, nothing written. Exit code 1 when a step fails. */
export async function preview(session: Session): Promise<number> {
  const { args, rest } = session;
  const records = Number(args.options.records ?? "5");
  const tried = args.all.filename === undefined ? { name: named(session) } : await fromFile(session);
  session.note("polling, for ten seconds at most …\n");
  const body = (await rest.send("POST", "/millrace/v1/preview", { ...tried, records })).body as Preview;
  const failed = body.records.some(({ steps }) => steps.some(({ error }) => error !== null));
  if (!(await session.structured(body))) {
    for (const [at, { steps }] of body.records.entries()) {
      session.write(
        `${session.paint("bold", `Record ${at + 1}`)}\n${steps.map((step) => `${stepText(session, step)}\n`).join("")}`,
      );
    }
    if (body.records.length === 0) session.note("No record came within the time.\n");
  }
  return failed ? EXIT.failed : EXIT.done;
}

function named({ args }: Session): string {
  const [name] = args.files;
  if (name === undefined) throw new CliError("usage: millrace preview <connector> | -f <file>", EXIT.usage);
  return name;
}

async function fromFile(session: Session): Promise<{ name: string; config: Readonly<Record<string, string>> }> {
  const [first, ...more] = await desiredConnectors(session);
  if (more.length > 0) throw new CliError("preview takes one connector", EXIT.usage);
  return { name: first!.name, config: first!.config };
}

function stepText({ paint }: Session, { stage, alias, applied, record, bytes, error }: Step): string {
  const title = `  ${alias === null ? stage : `${stage} ${alias}`}`.padEnd(22);
  if (error !== null) return `${title} ${paint("red", error)}`;
  if (!applied) return `${title} (its predicate passes it over)`;
  if (record !== null) {
    const schema = record.valueSchema === null ? "" : `\n${" ".repeat(23)}${record.valueSchema}`;
    return `${title} ${record.topic}  ${record.key}  ${record.value}${schema}`;
  }
  if (bytes !== null) return `${title} ${bytes.topic}  ${shown(bytes.key)}  ${shown(bytes.value)}`;
  return `${title} ${paint("yellow", "dropped")}`;
}

export function shown(bytes: Bytes | null): string {
  if (bytes === null) return "null";
  return bytes.text ?? `base64:${bytes.base64}`;
}
