// Pure: measured ratios against what Millrace promises.

export interface Run {
  readonly workload: string;
  readonly run: number;
  readonly ok: boolean | null;
  readonly [metric: string]: unknown;
}

export interface Report {
  readonly label: string;
  readonly runs: readonly Run[];
}

interface Claim {
  readonly workload: string;
  readonly metric: string;
  /** `atLeast` ours / peer for what should be high, `atMost` for what should be low. */
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly text: string;
}

const CLAIMS: readonly Claim[] = [
  { workload: "file-source-eos", metric: "rate", atLeast: 3, text: "file source, exactly once: records/s" },
  { workload: "file-source-eos", metric: "rss_peak_mb", atMost: 0.5, text: "file source, exactly once: peak memory" },
  { workload: "smt-chain", metric: "rate", atLeast: 3, text: "file source, four transforms: records/s" },
  { workload: "jdbc-source", metric: "rate", atLeast: 3, text: "JDBC source: records/s" },
  { workload: "jdbc-source", metric: "rss_peak_mb", atMost: 0.34, text: "JDBC source: peak memory" },
  { workload: "jdbc-sink", metric: "rate", atLeast: 2.5, text: "JDBC sink, upserts: records/s" },
  { workload: "jdbc-sink", metric: "rss_peak_mb", atMost: 0.34, text: "JDBC sink: peak memory" },
  { workload: "cdc-snapshot", metric: "rate", atLeast: 7, text: "Postgres CDC, snapshot: records/s" },
  { workload: "cdc-snapshot", metric: "rss_peak_mb", atMost: 0.2, text: "Postgres CDC, snapshot: peak memory" },
  { workload: "cdc-stream", metric: "rate", atLeast: 4, text: "Postgres CDC, stream: records/s" },
  { workload: "cdc-stream", metric: "rss_peak_mb", atMost: 0.2, text: "Postgres CDC, stream: peak memory" },
  { workload: "cdc-latency-poll10", metric: "p50_ms", atMost: 0.25, text: "Postgres CDC, latency: p50, ms" },
  { workload: "cdc-latency-poll10", metric: "p99_ms", atMost: 0.1, text: "Postgres CDC, latency: p99, ms" },
  { workload: "startup", metric: "fresh_rest_ready_s", atMost: 0.5, text: "start to REST ready" },
];

/** Medians of the later runs (the first warms up); the peer's recorded figures where it did not run a workload here. */
export function judge(ours: Report, peer: Report, recorded: Report): { table: string; reached: boolean } {
  const lines = ["| what | Millrace | Kafka Connect | ratio | goal | |", "|---|---|---|---|---|---|"];
  let reached = true;
  for (const claim of CLAIMS) {
    const mine = median(ours, claim);
    const live = median(peer, claim);
    const theirs = live ?? median(recorded, claim);
    if (mine === null || theirs === null) continue;
    const ratio = mine / theirs;
    const met = claim.atLeast === undefined ? ratio <= claim.atMost! : ratio >= claim.atLeast;
    reached &&= met;
    const goal = claim.atLeast === undefined ? `≤ ${claim.atMost}` : `≥ ${claim.atLeast}`;
    const source = live === null ? " (recorded)" : "";
    lines.push(
      `| ${claim.text} | ${show(mine)} | ${show(theirs)}${source} | ${ratio.toFixed(2)} | ${goal} | ${met ? "reached" : "NOT reached"} |`,
    );
  }
  return { table: `${lines.join("\n")}\n`, reached };
}

function median(report: Report, { workload, metric }: Claim): number | null {
  const passed = report.runs.filter((run) => run.workload === workload && run.ok === true);
  const later = passed.filter(({ run }) => run > 1);
  const values = (later.length > 0 ? later : passed)
    .map((run) => run[metric])
    .filter((value) => typeof value === "number");
  if (values.length === 0) return null;
  const sorted = values.sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function show(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Math.round(value * 1000) / 1000);
}
