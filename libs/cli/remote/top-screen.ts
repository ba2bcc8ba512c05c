// Pure: what `millrace top` shows, as wide as its terminal.
import { type Column, cut, table, widthOf } from "./output.ts";

interface Flow {
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly lag: { readonly seconds: number | null; readonly bytes: number | null; readonly records: number | null };
  readonly errors: { readonly errors: number; readonly deadLetters: number };
  readonly commits: { readonly averageMs: number | null };
}

type ConnectorFlow = Flow & {
  readonly name: string;
  readonly type: string | null;
  readonly state: string;
  readonly tasks?: readonly { readonly state: string }[];
};

/** As `GET /millrace/v1/metrics` answers. */
export interface TopView {
  readonly at: string;
  readonly missingRunners: number;
  readonly runners: readonly unknown[];
  readonly connectors: readonly ConnectorFlow[];
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const NAME_WIDTH_MIN = 20;
/** Left out one after the other where the terminal is narrow. */
const LEFT_OUT = ["TYPE", "BYTES/S", "COMMIT", "DEAD", "TASKS"];

const columns: readonly Column<ConnectorFlow>[] = [
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
];

/** The busiest connectors first, as many as there is room for; no line is longer than the screen. */
export function topScreen(view: TopView, size: ScreenSize): string {
  const { connectors } = view;
  const head = headLines(view);
  const sorted = [...connectors].sort((a, b) => b.recordsPerSecond - a.recordsPerSecond || (a.name < b.name ? -1 : 1));
  // Beside the connectors: the head, an empty line, titles, and what was left out.
  const room = Math.max(1, size.rows - head.length - 3);
  const shown = sorted.slice(0, sorted.length <= room + 1 ? room + 1 : room);
  const more = sorted.length > shown.length ? [`… and ${sorted.length - shown.length} more`] : [];
  const list = fitted(shown, size.columns).trimEnd().split("\n");
  const lines = [...head, "", ...list, ...more].map((line) => cut(line, size.columns));
  return `${lines.join("\n")}\n`;
}

function headLines({ at, runners, connectors, missingRunners }: TopView): string[] {
  const total = connectors.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  const count = (state: string) => connectors.filter((each) => each.state === state).length;
  const states = `${connectors.length} connectors, ${count("RUNNING")} running, ${count("FAILED")} failed`;
  const head = `${at.slice(11, 19)}  ${states}   ${short(total)} records/s   ${runners.length} runners`;
  return missingRunners === 0 ? [head] : [head, `${missingRunners} runners do not answer`];
}

/** First long names are shortened, then columns left out. */
function fitted(rows: readonly ConnectorFlow[], widthMax: number): string {
  const longest = Math.max(0, ...rows.map(({ name }) => widthOf(name)));
  for (let leftOut = 0; ; leftOut++) {
    const kept = columns.filter(({ title }) => !LEFT_OUT.slice(0, leftOut).includes(title));
    const text = (nameWidth: number) =>
      table(rows, [{ title: "CONNECTOR", of: ({ name }) => cut(name, nameWidth) }, ...kept]);
    const whole = text(longest);
    const over = Math.max(...whole.split("\n").map(widthOf)) - widthMax;
    if (over <= 0) return whole;
    const nameWidth = longest - over;
    if (nameWidth >= Math.min(longest, NAME_WIDTH_MIN) || leftOut === LEFT_OUT.length) {
      return text(Math.max(nameWidth, NAME_WIDTH_MIN));
    }
  }
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
