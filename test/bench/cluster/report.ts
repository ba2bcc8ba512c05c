// Pure: cluster benchmarks as Markdown.
import type { FailoverResult } from "./failover.ts";

export function renderFailover(results: readonly FailoverResult[]): string {
  const rows = results.flatMap(({ label, crashMs, drainGapMs, drainMs }) => [
    [label, "killed: a task flows again", ...spread(crashMs)],
    ...(drainMs.length === 0
      ? []
      : [
          [label, "drained: every task RUNNING elsewhere", ...spread(drainMs)],
          [label, "drained: a task without data", ...spread(drainGapMs)],
        ]),
  ]);
  return table(["workers", "what", "times", "p50", "p99", "max"], rows);
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `${[line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function spread(timesMs: readonly number[]): string[] {
  return [
    String(timesMs.length),
    ...[0.5, 0.99, 1].map((share) => `${(percentile(timesMs, share) / 1000).toFixed(2)} s`),
  ];
}
