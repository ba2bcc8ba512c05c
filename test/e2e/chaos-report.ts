// Pure: what a chaos run found, as text.
import type { Victim } from "./killer.ts";
import { isExact, type Verdict } from "./ledger.ts";

export interface KillRecord {
  readonly victim: Victim;
  readonly what: string;
  /** From the kill until every stream had a record that was written after it, committed. */
  readonly dataMs: number;
  /** From the kill until every service answered and every task was RUNNING. */
  readonly controlMs: number;
}

export interface ChaosResult {
  readonly seed: number;
  readonly durationMs: number;
  readonly kills: readonly KillRecord[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export function isPassed({ verdicts }: ChaosResult): boolean {
  return [...verdicts.values()].every(isExact);
}

export function renderReport(result: ChaosResult): string {
  const { seed, durationMs, kills, verdicts } = result;
  const victims = [...new Set(kills.map(({ victim }) => victim))];
  const killRows = [...victims, "all"].map((victim) => {
    const those = kills.filter((kill) => victim === "all" || kill.victim === victim);
    const data = those.map(({ dataMs }) => dataMs);
    const control = those.map(({ controlMs }) => controlMs);
    return [victim, String(those.length), ...[data, control].flatMap((ms) => [seconds(median(ms)), seconds(max(ms))])];
  });
  const streamRows = [...verdicts].map(([topic, v]) => [
    topic,
    ...[v.written, v.read, v.lost, v.duplicated, v.reordered, v.unexpected].map((n) => n.toLocaleString("en-US")),
  ]);
  return [
    `seed ${seed}, ${kills.length} kills in ${seconds(durationMs)}`,
    "",
    ...table(["killed", "times", "data back: median", "longest", "all RUNNING: median", "longest"], killRows),
    "",
    ...table(["topic", "written", "read", "lost", "duplicated", "reordered", "unexpected"], streamRows),
    "",
    isPassed(result) ? "Exactly once, in order." : "NOT exactly once.",
  ].join("\n");
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return [line(header), ...rows.map(line)];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const max = (values: readonly number[]): number => Math.max(0, ...values);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
