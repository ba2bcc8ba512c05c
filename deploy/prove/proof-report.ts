// Pure: what a proof found, as text.
import { failPoints } from "@millrace/fail-points";
import { isExact, sumVerdicts, type Verdict } from "./ledger.ts";
import type { SourceKind } from "./streams.ts";
import type { Strike } from "./strikes.ts";

export interface StrikeRecord {
  readonly strike: Strike;
  readonly what: string;
  /** false: no process came by the fail point in time, so nothing was broken. */
  readonly isHit: boolean;
  /** From the strike until every stream had a record that was written after it, committed. */
  readonly dataMs: number;
  /** From the strike until every service answered and every task was RUNNING. */
  readonly controlMs: number;
}

export interface ProofResult {
  readonly sources: readonly SourceKind[];
  readonly seed: number;
  readonly durationMs: number;
  readonly strikes: readonly StrikeRecord[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export function isPassed({ verdicts }: ProofResult): boolean {
  return [...verdicts.values()].every(isExact);
}

export function renderReport(result: ProofResult): string {
  const { sources, seed, durationMs, strikes, verdicts } = result;
  const hits = strikes.filter(({ isHit }) => isHit);
  const groups = [...new Set(hits.map(({ strike }) => groupOf(strike)))].sort();
  const grouped = groups.map((group) => [group, hits.filter(({ strike }) => groupOf(strike) === group)] as const);
  const strikeRows = [...grouped, ["all", hits] as const].map(([group, those]) => [
    group,
    String(those.length),
    ...spread(those.map(({ dataMs }) => dataMs)),
    ...spread(those.map(({ controlMs }) => controlMs)),
  ]);
  const total = sumVerdicts([...verdicts.values()]);
  const streamRows = [...verdicts, ["all", total] as const].map(([topic, v]) => [
    topic,
    ...[v.written, v.read, v.lost, v.duplicated, v.reordered, v.unexpected].map(count),
  ]);
  return [
    `source ${sources.join(" and ")}, seed ${seed}: ${count(total.written)} records, ${hits.length} kills in ${seconds(durationMs)}`,
    "",
    ...table(["broken", "times", "data back: p50", "p99", "max", "all RUNNING: p50", "p99", "max"], strikeRows),
    "",
    ...pointLines(strikes),
    "",
    ...table(["topic", "written", "read", "lost", "duplicated", "reordered", "unexpected"], streamRows),
    "",
    isPassed(result) ? "Exactly once, in order." : "NOT exactly once.",
  ].join("\n");
}

function groupOf(strike: Strike): string {
  if (strike.kind === "process") return `killed: ${strike.victim}`.replace("killed: frozen", "frozen:");
  if (strike.kind === "cut") return `cut: ${strike.how}`;
  return `fail point: ${strike.action === "kill" ? "killed" : "frozen"}`;
}

function pointLines(strikes: readonly StrikeRecord[]): string[] {
  const tried = strikes.flatMap(({ strike, isHit }) => (strike.kind === "fail point" ? [{ ...strike, isHit }] : []));
  const hit = new Set(tried.filter(({ isHit }) => isHit).map(({ point }) => point));
  const missed = [...new Set(tried.map(({ point }) => point))].filter((point) => !hit.has(point));
  const all = Object.keys(failPoints).length;
  return [
    `fail points: ${hit.size} of ${all} hit${hit.size === all ? "" : `: ${[...hit].sort().join(", ")}`}`,
    ...(missed.length === 0 ? [] : [`tried and not reached: ${missed.sort().join(", ")}`]),
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return [line(header), ...rows.map(line)];
}

const count = (n: number): string => n.toLocaleString("en-US");
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function spread(values: readonly number[]): string[] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return [at(0.5), at(0.99), at(1)].map(seconds);
}
