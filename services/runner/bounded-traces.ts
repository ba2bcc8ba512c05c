// Pure: keeps a heartbeat within what the message server takes, however many tasks fail at once.
import type { WorkReport } from "@millrace/protocol";

const TRACES_BYTES_MAX = 256_000;

/** The reports with at most `bytesMax` of traces, as sent: the longest are cut, all of those to the same length. */
export function boundTraces(reports: readonly WorkReport[], bytesMax = TRACES_BYTES_MAX): WorkReport[] {
  const sizes = reports.flatMap(({ trace }) => (trace === null ? [] : [bytesOf(trace)]));
  const share = shareOf(sizes, bytesMax);
  return reports.map((report) => (report.trace === null ? report : { ...report, trace: cut(report.trace, share) }));
}

/** The length to which the longest must be cut; what shorter ones leave over is theirs. */
function shareOf(sizes: readonly number[], bytesMax: number): number {
  let left = bytesMax;
  let share = Number.POSITIVE_INFINITY;
  [...sizes]
    .sort((a, b) => a - b)
    .forEach((size, i) => {
      const fair = left / (sizes.length - i);
      if (size > fair) share = Math.min(share, fair);
      left -= Math.min(size, fair);
    });
  return share;
}

function cut(trace: string, bytesMax: number): string {
  let text = trace;
  for (let bytes = bytesOf(text); bytes > bytesMax; bytes = bytesOf(text)) {
    text = text.slice(0, Math.floor((text.length * bytesMax) / bytes));
  }
  return text;
}

/** As JSON: a character takes up to six bytes. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
