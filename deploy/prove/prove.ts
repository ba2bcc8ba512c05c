import { runCdcProof } from "./cdc/cdc-proof.ts";
import { isCdcExact, renderCdcReport } from "./cdc/cdc-report.ts";
import { runProof } from "./proof.ts";
import { isPassed, renderReport } from "./proof-report.ts";
import type { SourceKind } from "./streams.ts";

export interface ProveOptions {
  readonly sources: readonly SourceKind[];
  readonly records: number;
  readonly kills: number;
  readonly seed: number;
  /** In which the share of records between two kills is written. */
  readonly phaseMs: number;
}

/** Of fourteen strikes. */
export const strikeMix = { points: 8, cuts: 2, processes: 4 };

/** Runs a proof and prints as it goes. The exit code: 0 nothing lost, duplicated or reordered; 1 something was; 2 the run itself failed. */
export async function runProve(options: ProveOptions): Promise<number> {
  const { sources, records, kills, seed } = options;
  console.log(`source ${sources.join(" and ")}: ${records} records, ${kills} kills, seed ${seed}`);
  const start = performance.now();
  const progress = (line: string) =>
    console.log(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  try {
    const result = await runProof({ ...options, mix: strikeMix, brisk: false, progress, keepFiles: true });
    console.log(`\n${renderReport(result)}`);
    return isPassed(result) ? 0 : 1;
  } catch (error) {
    console.error(error);
    return 2;
  }
}

/** As `runProve`, of changes captured from Postgres. */
export async function runCdcProve(options: {
  readonly kills: number;
  readonly records: number;
  readonly seed: number;
}): Promise<number> {
  const { kills, records: rows, seed } = options;
  console.log(`source cdc: ${rows} rows under load, ${kills} kills, seed ${seed}`);
  const start = performance.now();
  const progress = (line: string) =>
    console.log(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  try {
    const result = await runCdcProof({ kills, rows, seed, progress });
    console.log(`\n${renderCdcReport(result)}`);
    return isCdcExact(result) ? 0 : 1;
  } catch (error) {
    console.error(error);
    return 2;
  }
}
