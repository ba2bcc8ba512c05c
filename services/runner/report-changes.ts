// Pure: what a heartbeat must say of the work.
import type { WorkReport } from "@millrace/protocol";

/** By the key of its work; a report that changes is another object. */
export type Reports = ReadonlyMap<string, WorkReport>;

export interface ReportChanges {
  readonly work: readonly WorkReport[];
  readonly gone: readonly { readonly connector: string; readonly task: number | null }[];
}

/** @param before what the leader knows; null: nothing. */
export function reportChanges(before: Reports | null, now: Reports): ReportChanges {
  if (before === null) return { work: [...now.values()], gone: [] };
  const work: WorkReport[] = [];
  for (const [key, report] of now) if (before.get(key) !== report) work.push(report);
  const gone = [...before].filter(([key]) => !now.has(key)).map(([, { connector, task }]) => ({ connector, task }));
  return { work, gone };
}
