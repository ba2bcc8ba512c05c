import { EXIT } from "./cli-error.ts";
import { table } from "./output.ts";
import type { Session } from "./session.ts";

interface Flow {
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly lag: { readonly seconds: number | null; readonly bytes: number | null; readonly records: number | null };
  readonly errors: { readonly errors: number; readonly deadLetters: number };
  readonly commits: { readonly averageMs: number | null };
}

interface View {
  readonly at: string;
  readonly missingRunners: number;
  readonly runners: readonly {
    readonly workerId: string;
    readonly connectors: number;
    readonly tasks: number;
    readonly busy: number;
  }[];
  readonly connectors: readonly (Flow & {
    readonly name: string;
    readonly type: string | null;
    readonly state: string;
    readonly tasks?: readonly { readonly state: string }[];
  })[];
}

const CLEAR = "\x1b[H\x1b[J";
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";

/** `top`: what flows, again and again until it is interrupted; once where the output is no terminal, or with `--once`. */
export async function top(session: Session): Promise<number> {
  const { args, rest, format } = session;
  const intervalMs = Math.max(0.5, Number(args.options.interval ?? "2")) * 1000;
  const live = args.options.once !== "true" && process.stdout.isTTY === true && format !== "json" && format !== "yaml";
  const read = async () => (await rest.get("/millrace/v1/metrics")) as View;
  if (!live) {
    const view = await read();
    if (!(await session.structured(view))) session.write(screen(view, Number.POSITIVE_INFINITY));
    return EXIT.done;
  }
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  session.write(HIDE_CURSOR);
  try {
    while (!interrupted.signal.aborted) {
      const rows = (process.stdout.rows ?? 40) - 6;
      session.write(CLEAR + screen(await read(), rows));
      await pause(intervalMs, interrupted.signal);
    }
  } finally {
    session.write(SHOW_CURSOR);
  }
  return EXIT.done;
}

function screen({ at, runners, connectors, missingRunners }: View, rowsMax: number): string {
  const total = connectors.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  const count = (state: string) => connectors.filter((each) => each.state === state).length;
  const head = `${at.slice(11, 19)}  ${connectors.length} connectors, ${count("RUNNING")} running, ${count("FAILED")} failed   ${short(total)} records/s   ${runners.length} runners\n`;
  const missing = missingRunners === 0 ? "" : `${missingRunners} runners do not answer\n`;
  const sorted = [...connectors].sort((a, b) => b.recordsPerSecond - a.recordsPerSecond || (a.name < b.name ? -1 : 1));
  const rows = sorted.slice(0, Math.max(1, rowsMax));
  const list = table(rows, [
    { title: "CONNECTOR", of: ({ name }) => name },
    { title: "TYPE", of: ({ type }) => type ?? "" },
    { title: "STATE", of: ({ state }) => state },
    {
      title: "TASKS",
      of: ({ tasks = [] }) => `${tasks.filter(({ state }) => state === "RUNNING").length}/${tasks.length}`,
    },
    { title: "RECORDS/S", of: ({ recordsPerSecond }) => short(recordsPerSecond) },
    { title: "BYTES/S", of: ({ bytesPerSecond }) => short(bytesPerSecond) },
    { title: "LAG", of: ({ lag }) => lagText(lag) },
    { title: "COMMIT", of: ({ commits }) => (commits.averageMs === null ? "" : `${Math.round(commits.averageMs)} ms`) },
    { title: "ERRORS", of: ({ errors }) => errors.errors },
    { title: "DEAD", of: ({ errors }) => errors.deadLetters },
  ]);
  return `${head}${missing}\n${list}${rows.length < sorted.length ? `… and ${sorted.length - rows.length} more\n` : ""}`;
}

function lagText({ seconds, bytes, records }: Flow["lag"]): string {
  const parts = [
    ...(seconds === null ? [] : [`${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`]),
    ...(records === null ? [] : [`${short(records)} rec`]),
    ...(bytes === null ? [] : [`${short(bytes)} B`]),
  ];
  return parts.join(" ");
}

/** Three digits and a letter. */
function short(value: number): string {
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (value >= size) return `${(value / size).toFixed(value >= size * 100 ? 0 : 1)}${unit}`;
  }
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
