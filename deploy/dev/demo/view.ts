// Pure: the demo's live view as text.
import type { Comparison } from "./compare.ts";
import { isExact } from "./compare.ts";

export interface ViewState {
  readonly elapsedMs: number;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly records: number }[];
  readonly recordsPerSecond: number;
  readonly transactions: number;
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly host: number | null }[];
  readonly events: readonly string[];
}

const BAR = 24;

/** One block of lines, redrawn in place on a terminal; a task is shown with the process that runs it. */
export function renderView(state: ViewState): string[] {
  const lines = [
    `  ${seconds(state.elapsedMs)}   ${number(state.recordsPerSecond)} records/s   ${number(state.transactions)} transactions`,
    "",
    `  ${"table".padEnd(12)}${"rows".padStart(10)}${"records".padStart(10)}${"lag".padStart(8)}`,
  ];
  for (const { name, rows, records } of state.tables) {
    const lag = Math.max(0, rows - records);
    const share = rows === 0 ? 1 : records / rows;
    const bar = "█".repeat(Math.round(Math.min(1, share) * BAR)).padEnd(BAR, "░");
    lines.push(
      `  ${name.padEnd(12)}${number(rows).padStart(10)}${number(records).padStart(10)}${number(lag).padStart(8)}  ${bar}`,
    );
  }
  const tasks = state.tasks.map(({ id, state: task, host }) => `${id} ${task}${host === null ? "" : ` @${host}`}`);
  lines.push(
    "",
    `  tasks  ${tasks.length === 0 ? "none yet" : tasks.join("   ")}`,
    ...state.events.slice(-4).map((event) => `  ${event}`),
  );
  return lines;
}

/** For output that is not a terminal: one line every now and then. */
export function renderLine(state: ViewState): string {
  const rows = state.tables.reduce((sum, table) => sum + table.rows, 0);
  const records = state.tables.reduce((sum, table) => sum + table.records, 0);
  const tasks = state.tasks.map(({ id, state: task }) => `${id} ${task}`).join(", ");
  return `${seconds(state.elapsedMs)}  rows ${number(rows)}  records ${number(records)}  lag ${number(Math.max(0, rows - records))}  ${number(state.recordsPerSecond)} records/s  ${number(state.transactions)} transactions  tasks: ${tasks}`;
}

export function renderResult(results: ReadonlyMap<string, Comparison>): string[] {
  const header = ["table", "rows", "records", "lost", "duplicated", "out of order"];
  const rows = [...results].map(([table, each]) => [
    table,
    ...[each.rows, each.records, each.lost, each.duplicated, each.outOfOrder].map(number),
  ]);
  const lines = [header, ...rows].map(
    (cells) => `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(13))).join("")}`,
  );
  const exact = [...results.values()].every(isExact);
  lines.push(
    "",
    exact ? "  Exactly once: every row is in Kafka once, in order." : "  NOT exactly once: see the table above.",
  );
  return lines;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
