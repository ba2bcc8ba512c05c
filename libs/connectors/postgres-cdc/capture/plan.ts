// Pure: what a start does: read the rows there are, stream, both, or fail.
import { ConnectError } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import { readTo, type StoredPosition } from "../events/position.ts";
import type { SlotState } from "./slot.ts";
import { isForked, type Timelines } from "./timelines.ts";

export interface Plan {
  readonly snapshot: boolean;
  readonly stream: boolean;
  /** The stream goes on where the slot is: the stored offset is of another log, and the slot is trusted. */
  readonly fromSlot: boolean;
}

/** What a start finds. */
export interface Found {
  readonly stored: StoredPosition | null;
  readonly slot: SlotState | null;
  /** Null when nothing is streamed. */
  readonly timelines: Timelines | null;
}

export function streams({ snapshot: { mode, based } }: Settings): boolean {
  return mode !== "initial_only" && (mode !== "configuration_based" || based.stream);
}

/** @throws ConnectError when changes after the stored offset are lost, and the mode does not allow to start over. */
export function plan(settings: Settings, found: Found): Plan {
  const { stored, slot } = found;
  const begun = stored !== null && !stored.snapshotUnfinished;
  const elsewhere = begun && slot !== null && isElsewhere(stored, slot, found.timelines);
  const fromSlot = elsewhere && settings.slot.trusted;
  const lost = begun && (slot === null || slot.lost || (elsewhere && !fromSlot));
  return { snapshot: readsRows(settings, begun, lost), stream: streams(settings), fromSlot };
}

function readsRows(settings: Settings, begun: boolean, lost: boolean): boolean {
  const { mode, based } = settings.snapshot;
  switch (mode) {
    case "always":
      return true;
    case "initial_only":
      return !begun;
    case "when_needed":
      return !begun || lost;
    case "configuration_based":
      if (based.stream && lost && !based.onDataError) throw lostChanges(settings);
      return based.data && (!begun || lost);
    case "no_data":
      if (lost) throw lostChanges(settings);
      return false;
    case "initial":
      if (lost) throw lostChanges(settings);
      return !begun;
    case "custom":
      throw new ConnectError("snapshot.mode custom is not supported: choose another one.", { code: "SNAPSHOT_MODE" });
  }
}

/**
 * The slot is only ever confirmed up to a stored offset, so one that is ahead of it was made anew or moved by somebody else; and a
 * server that has not come as far as the offset, or has come there on a timeline of its own, has forgotten what it once said: another
 * one was promoted, or an old backup restored.
 */
function isElsewhere(stored: StoredPosition, slot: SlotState, timelines: Timelines | null): boolean {
  const place = Math.max(stored.lsn, stored.commitLsn ?? 0);
  if (slot.confirmedLsn > place || slot.serverLsn < place) return true;
  const { timeline } = stored;
  return timelines !== null && isForked({ lsn: readTo(stored), timeline }, slot.confirmedLsn, timelines);
}

function lostChanges({ slot, snapshot }: Settings): ConnectError {
  return new ConnectError(
    `The replication slot ${slot.name} no longer has the changes after the stored offset: it was dropped, or moved, or made ` +
      `anew, or the server has removed the log it needed, or another server has taken its place that had not received all of it ` +
      `(Postgres sends to standbys first with synchronized_standby_slots). Nothing is skipped silently with snapshot.mode ${snapshot.mode}: set it to when_needed to read ` +
      "the tables again, or delete the connector's offsets.",
    { code: "CHANGES_LOST" },
  );
}
