// Pure: dead letters by what went wrong.
import type { LetterGroup } from "@millrace/protocol";
import type { Letter } from "./letter.ts";

const groupsMax = 200;

/** @param letters oldest first. @returns most letters first. */
export function letterGroups(letters: readonly Letter[]): LetterGroup[] {
  const groups = new Map<string, LetterGroup>();
  for (const { group: id, error, record, replayed } of letters) {
    const { partition, offset, timestampMs } = record;
    const known = groups.get(id);
    groups.set(id, {
      ...error,
      id,
      count: (known?.count ?? 0) + 1,
      replayed: (known?.replayed ?? 0) + (replayed ? 1 : 0),
      firstMs: known?.firstMs ?? timestampMs,
      lastMs: timestampMs,
      newest: { partition, offset },
    });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count).slice(0, groupsMax);
}
