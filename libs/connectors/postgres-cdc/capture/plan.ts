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
  const lost = begun && (slot === null || slot.lost);
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

function lostChanges({ slot, snapshot }: Settings): ConnectError {
  return new ConnectError(
    `The replication slot ${slot.name} no longer has the changes after the stored offset: it was dropped, or the server has ` +
      `removed the log it needed. Nothing is skipped silently with snapshot.mode ${snapshot.mode}: set it to when_needed to read ` +
      "the tables again, or delete the connector's offsets.",
    { code: "CHANGES_LOST" },
  );
}
