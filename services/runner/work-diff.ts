// Pure: from what runs and what should run to what must be done.
import type { TargetState, Work } from "@millrace/protocol";
import { workVersion } from "./work-key.ts";

export interface RunningWork {
  readonly key: string;
  readonly version: string;
  readonly targetState: TargetState;
}

export interface WorkChanges {
  /** First: nothing of a key may start before what ran under it has ended. */
  readonly stop: readonly string[];
  readonly start: readonly Work[];
  readonly target: readonly { readonly key: string; readonly targetState: TargetState }[];
}

/** Work whose version changed is stopped and started; a changed target state alone is told to the running work. */
export function diffWork(running: readonly RunningWork[], wanted: ReadonlyMap<string, Work>): WorkChanges {
  const stop: string[] = [];
  const target: { key: string; targetState: TargetState }[] = [];
  const kept = new Set<string>();
  for (const { key, version, targetState } of running) {
    const work = wanted.get(key);
    if (work === undefined || workVersion(work) !== version) stop.push(key);
    else {
      kept.add(key);
      if (work.targetState !== targetState) target.push({ key, targetState: work.targetState });
    }
  }
  const start = [...wanted].filter(([key]) => !kept.has(key)).map(([, work]) => work);
  return { stop, start, target };
}
