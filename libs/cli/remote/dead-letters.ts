import { readFileSync } from "node:fs";
import { CliError, EXIT } from "./cli-error.ts";
import { segment } from "./connect-rest.ts";
import { facts, indented, table } from "./output.ts";
import { shown } from "./preview.ts";
import type { Session } from "./session.ts";

interface Group {
  readonly id: string;
  readonly stage: string | null;
  readonly exception: string | null;
  readonly message: string | null;
  readonly count: number;
  readonly replayed: number;
  readonly lastMs: number | null;
}

interface Letter {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number | null;
  readonly group: string;
  readonly replayed: boolean;
  readonly origin: { readonly topic: string; readonly partition: number | null; readonly offset: number | null } | null;
  readonly error: {
    readonly stage: string | null;
    readonly executing: string | null;
    readonly exception: string | null;
    readonly message: string | null;
    readonly trace: string | null;
  };
  readonly key: { readonly text?: string; readonly base64?: string } | null;
  readonly value: { readonly text?: string; readonly base64?: string } | null;
  readonly headers: readonly {
    readonly key: string;
    readonly value: { readonly text?: string; readonly base64?: string } | null;
  }[];
}

const USAGE =
  "usage: millrace dlq list <connector> | dlq show <connector> [--group ID] | dlq replay <connector> --group ID | --all | partition-offset …";

/** `dlq list|show|replay <connector>`. */
export async function deadLetters(session: Session): Promise<number> {
  const [verb, name, ...places] = session.args.files;
  if (name === undefined) throw new CliError(USAGE, EXIT.usage);
  const path = `/millrace/v1/connectors/${segment(name)}/dead-letters`;
  if (verb === "list") return list(session, path);
  if (verb === "show") return show(session, path, places);
  if (verb === "replay") return replay(session, path, places);
  throw new CliError(USAGE, EXIT.usage);
}

async function list(session: Session, path: string): Promise<number> {
  const body = (await session.rest.get(path)) as { topic: string; letters: number; more: boolean; groups: Group[] };
  if (await session.structured(body)) return EXIT.done;
  if (body.groups.length === 0) {
    session.note(`No dead letters in ${body.topic}.\n`);
    return EXIT.done;
  }
  session.write(
    table(
      body.groups,
      [
        { title: "GROUP", of: ({ id }) => id },
        { title: "LETTERS", of: ({ count }) => count },
        { title: "REPLAYED", of: ({ replayed }) => replayed },
        { title: "LAST", of: ({ lastMs }) => time(lastMs) },
        { title: "STAGE", of: ({ stage }) => stage ?? "" },
        { title: "EXCEPTION", of: ({ exception }) => exception?.split(".").at(-1) ?? "" },
        { title: "MESSAGE", of: ({ message }) => oneLine(message ?? "", session.format === "wide" ? 1_000 : 80) },
      ],
      session.format === "wide",
    ),
  );
  if (body.more) session.note(`Only the newest letters of ${body.topic} were looked at.\n`);
  return EXIT.done;
}

async function show(session: Session, path: string, places: readonly string[]): Promise<number> {
  const { group, limit = "5", skip = "0" } = session.args.options;
  const query = new URLSearchParams({ limit, skip, ...(group === undefined ? {} : { group }) });
  const body = (await session.rest.get(`${path}/letters?${query}`)) as { letters: Letter[]; more: boolean };
  const wanted = body.letters.filter((letter) => places.length === 0 || places.includes(placeOf(letter)));
  if (await session.structured({ ...body, letters: wanted })) return EXIT.done;
  for (const letter of wanted) session.write(`${letterText(session, letter)}\n`);
  if (wanted.length === 0) session.note("No dead letters there.\n");
  if (body.more) session.note("There are more: use --skip and --limit.\n");
  return EXIT.done;
}

/** Once each: what was sent before is passed over. */
async function replay(session: Session, path: string, places: readonly string[]): Promise<number> {
  const { options } = session.args;
  const to = options.to ?? "topic";
  const choices = [
    ...(options.group === undefined ? [] : [{ group: options.group }]),
    ...(options.all === "true" ? [{ all: true }] : []),
    ...(places.length === 0 ? [] : [{ letters: places.map((place) => letterOf(session, place, places.length)) }]),
  ];
  if (choices.length !== 1)
    throw new CliError("say which letters: --group ID, --all, or partition-offset …", EXIT.usage);
  if (!(await session.confirmed(`Send them again, to the ${to}?`))) return EXIT.failed;
  const { body } = await session.rest.send("POST", `${path}/replay`, { ...choices[0], to });
  const answer = body as {
    replayed: number;
    already: number;
    failed: { partition: number; offset: number; message: string }[];
  };
  if (!(await session.structured(answer))) {
    session.write(`${answer.replayed} sent, ${answer.already} sent before, ${answer.failed.length} failed\n`);
    for (const failed of answer.failed) session.write(`  ${placeOf(failed)}: ${failed.message}\n`);
  }
  return answer.failed.length > 0 ? EXIT.failed : EXIT.done;
}

/** `3-17`: partition and offset; with `--value` or `--value-file` a changed value, for one letter. */
function letterOf({ args }: Session, place: string, count: number): unknown {
  const [, partition, offset] = /^(\d+)-(\d+)$/.exec(place) ?? [];
  if (offset === undefined) throw new CliError(`${place}: give partition-offset, as 'dlq show' does`, EXIT.usage);
  const { value, "value-file": file } = args.options;
  const text = file === undefined ? value : readFileSync(file, "utf8");
  if (text !== undefined && count > 1) throw new CliError("a changed value is for one letter", EXIT.usage);
  return { partition: Number(partition), offset: Number(offset), ...(text === undefined ? {} : { value: { text } }) };
}

function letterText({ paint }: Session, letter: Letter): string {
  const { origin, error, key, value, headers, replayed, group } = letter;
  const from =
    origin === null
      ? "not told"
      : [origin.topic, origin.partition, origin.offset].filter((part) => part !== null).join("-");
  const title = paint("bold", `${placeOf(letter)}${replayed ? " (replayed)" : ""}`);
  const told = facts(
    [
      ["From", from],
      ["Time", time(letter.timestampMs)],
      ["Group", group],
      ["Stage", error.stage ?? "not told"],
      ["Class", error.executing ?? "not told"],
      ["Key", shown(key)],
      ["Value", shown(value)],
      ...headers.map((header) => [`Header ${header.key}`, shown(header.value)] as const),
    ],
    "  ",
  );
  return `${title}\n${told}${indented(error.trace ?? error.message ?? "", "  ")}`;
}

function placeOf({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}-${offset}`;
}

function time(ms: number | null): string {
  return ms === null ? "" : new Date(ms).toISOString();
}

function oneLine(text: string, charsMax: number): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > charsMax ? `${line.slice(0, charsMax - 1)}…` : line;
}
