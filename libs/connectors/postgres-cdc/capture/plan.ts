// Pure: what a start does: read the rows there are, stream, both, or fail.
import { ConnectError } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import type { StoredPosition } from "../events/position.ts";
import type { SlotState } from "./slot.ts";

export interface Plan {
  readonly snapshot: boolean;
  readonly stream: boolean;
}

/** @throws ConnectError when changes after the stored offset are lost, and the mode does not allow to start over. */
export function plan(settings: Settings, stored: StoredPosition | null, slot: SlotState | null): Plan {
  const { mode, based } = settings.snapshot;
  const begun = stored !== null && !stored.snapshotUnfinished;
  const lost = begun && (slot === null || slot.lost || isElsewhere(stored, slot, settings));
  switch (mode) {
    case "always":
      return { snapshot: true, stream: true };
    case "initial_only":
      return { snapshot: !begun, stream: false };
    case "when_needed":
      return { snapshot: !begun || lost, stream: true };
    case "configuration_based":
      if (based.stream && lost && !based.onDataError) throw lostChanges(settings);
      return { snapshot: based.data && (!begun || lost), stream: based.stream };
    case "no_data":
      if (lost) throw lostChanges(settings);
      return { snapshot: false, stream: true };
    case "initial":
      if (lost) throw lostChanges(settings);
      return { snapshot: !begun, stream: true };
    case "custom":
      throw new ConnectError("snapshot.mode custom is not supported: choose another one.", { code: "SNAPSHOT_MODE" });
  }
}

/**
 * The slot is only ever confirmed up to a stored offset, so one that is ahead of it was made anew or moved by somebody else; and a
 * server that has not come as far as the offset has forgotten what it once said: another one was promoted, or an old backup restored.
 */
function isElsewhere(stored: StoredPosition, slot: SlotState, { slot: { trusted } }: Settings): boolean {
  const place = Math.max(stored.lsn, stored.commitLsn ?? 0);
  return !trusted && (slot.confirmedLsn > place || slot.serverLsn < place);
}

function lostChanges({ slot, snapshot }: Settings): ConnectError {
  return new ConnectError(
    `The replication slot ${slot.name} no longer has the changes after the stored offset: it was dropped, or moved, or made ` +
      `anew, or the server has removed the log it needed, or another server has taken its place. Nothing is skipped silently with snapshot.mode ${snapshot.mode}: set it to when_needed to read ` +
      "the tables again, or delete the connector's offsets.",
    { code: "CHANGES_LOST" },
  );
}
