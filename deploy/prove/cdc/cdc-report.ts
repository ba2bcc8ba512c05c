// Pure: what a proof of change data capture found.
import type { CdcProofResult } from "./cdc-proof.ts";
import { isExact } from "./replay.ts";

export function isCdcExact({ verdicts }: CdcProofResult): boolean {
  return verdicts.length > 0 && verdicts.every(isExact);
}

export function renderCdcReport({ hits, changes, verdicts }: CdcProofResult): string {
  const lines = verdicts.map(({ topic, events, rows, lost, left, duplicated, misfits, examples }) => {
    const wrong = [`${lost} lost`, `${left} left over`, `${duplicated} duplicated`, `${misfits} misfits`].join(", ");
    return [`${topic}: ${events} events give ${rows} rows: ${wrong}`, ...examples.map((each) => `  ${each}`)].join(
      "\n",
    );
  });
  const struck = [...hits].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `  ${times} x ${what}`);
  return [...lines, `${changes} changes were written; struck:`, ...struck].join("\n");
}
