// Pure: what of a connector's history fits into one answer, and one version out of it.
import { type ConfigVersion, ProtocolError } from "@millrace/protocol";
import { jsonBytes } from "./decide.ts";
import { type HistoryEntry, pageBytesMax } from "./store.ts";

/** @param entries newest first, one more than `limit` where there are more. */
export function historyPage(
  entries: readonly HistoryEntry[],
  limit: number,
): { readonly versions: ConfigVersion[]; readonly more: boolean } {
  let bytes = 0;
  const tooMuch = entries.findIndex((entry, index) => {
    bytes += jsonBytes(entry);
    return index > 0 && bytes > pageBytesMax;
  });
  const count = Math.min(limit, tooMuch === -1 ? entries.length : tooMuch);
  const versions = entries.slice(0, count).map(({ name: _, ...version }) => version);
  return { versions, more: count < entries.length };
}

/** @throws ProtocolError NOT_FOUND when `entry`, the newest below the version after the wanted one, is another. */
export function wantedVersion(entry: HistoryEntry | undefined, name: string, version: number): HistoryEntry {
  if (entry?.version === version) return entry;
  throw new ProtocolError(
    "NOT_FOUND",
    `Connector ${name} has no config version ${version}. Not every version holds a config of its own; GET /millrace/v1/connectors/${name}/history lists those that do`,
  );
}
