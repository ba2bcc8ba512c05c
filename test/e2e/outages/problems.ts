// Pure: whether an outage did what it must not.
import type { DrillResult } from "./drill.ts";
import type { Outage } from "./outages.ts";

/** While no task has a reason to start anew. */
const UNTOUCHED_MS = 2_000;
/** A session, and a start elsewhere. */
const MOVED_MS = 12_000;
const RECOVERED_MS = 20_000;

/** @param slowness how much longer things take on a busy machine. */
export function problemsOf({ moves }: Pick<Outage, "moves">, result: DrillResult, slowness: number): string[] {
  const { dataGapMs, recoveredMs, moved, accepted, forgotten } = result;
  const gapMs = (moves ? MOVED_MS : UNTOUCHED_MS) * slowness;
  const problems: string[] = [];
  if (dataGapMs > gapMs) problems.push(`no data for ${Math.round(dataGapMs)} ms, more than ${Math.round(gapMs)}`);
  if (recoveredMs > RECOVERED_MS * slowness) problems.push(`all well only after ${Math.round(recoveredMs)} ms`);
  if (!moves && moved.length > 0) problems.push(`moved: ${moved.join(", ")}`);
  if (accepted === 0) problems.push("no config write was accepted at any time");
  if (forgotten > 0) problems.push(`${forgotten} of ${accepted} accepted config writes are lost`);
  return problems;
}
