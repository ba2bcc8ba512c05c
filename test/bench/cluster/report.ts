// Pure: cluster benchmarks as Markdown.
import type { ControlPlaneResult } from "./control-plane.ts";
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

export function renderControlPlane({ label, points }: ControlPlaneResult): string {
  const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0);
  const rows = points.map((point) => [
    String(point.connectors),
    ...[point.createP50Ms, point.createP95Ms, point.runningP50Ms, point.runningP95Ms, point.cpuMs].map(ms),
    ...[point.listMs, point.listStatusMs, point.listAllMs, point.idleCpuMs].map(ms),
    Object.entries(point.rssMb)
      .map(([name, mb]) => `${name} ${mb}`)
      .join(", "),
  ]);
  const header = [
    ...["connectors", "create p50, ms", "p95", "one more RUNNING p50, ms", "p95", "its CPU, ms"],
    ...["list, ms", "with statuses", "with all", "idle CPU, ms/s", "memory, MB"],
  ];
  return `${label}\n\n${table(header, rows)}`;
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
