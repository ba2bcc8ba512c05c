import type { SourceTaskContext } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { Settings } from "../config/settings.ts";
import type { SnapshotPosition } from "../events/offset-state.ts";
import type { StoredPosition } from "../events/position.ts";
import type { PgConnection } from "../wire/pg-connection.ts";
import { advanceSlot, createSlot, keepsFailoverSlots, type SlotState, setFailover } from "./slot.ts";

export interface PrepareSlotDeps {
  readonly settings: Settings;
  readonly context: SourceTaskContext;
  readonly stored: StoredPosition | null;
  readonly queries: PgConnection;
  readonly replication: PgConnection;
  /** As it was found; null: it is missing. */
  readonly slot: SlotState | null;
  /** Tables are to be read as of one place of the log. */
  readonly snapshot: boolean;
  readonly timeline: number | null;
}

/** Where a snapshot is taken; `snapshotName` null: as of whatever moment it begins. */
export interface SnapshotStart extends SnapshotPosition {
  readonly snapshotName: string | null;
}

export interface PreparedSlot {
  /** Null without a snapshot. */
  readonly position: SnapshotStart | null;
  readonly slotLsn: number;
  /** For a consistent snapshot beside a slot that is there; goes with the snapshot. */
  readonly temporarySlot: string | null;
}

/** Makes the slot, or a temporary one beside it, when it is missing or its place in the log is needed for a snapshot. */
export async function prepareSlot(deps: PrepareSlotDeps): Promise<PreparedSlot> {
  const { settings, context, stored, queries, replication, slot, snapshot, timeline } = deps;
  const { name } = settings.slot;
  const failover = settings.slot.failover && (await keepsFailoverSlots(queries, context.logger));
  if (failover && slot !== null && !slot.failover) await setFailover(replication, name);
  if (slot !== null && !snapshot) return { position: null, slotLsn: slot.confirmedLsn, temporarySlot: null };
  const tsUs = context.nowMs() * 1000;
  const temporarySlot = slot === null ? null : `${name.slice(0, 40)}_snapshot_${tsUs.toString(36)}`;
  const made = await createSlot(replication, {
    name: temporarySlot ?? name,
    plugin: settings.pluginName,
    temporary: temporarySlot !== null,
    failover: failover && slot === null,
  });
  failPoint("cdc.slot.made");
  const lsn = made.consistentLsn;
  const slotLsn = slot?.confirmedLsn ?? lsn;
  if (!snapshot) return { position: null, slotLsn, temporarySlot: null };
  // With nothing handed over, what is before the snapshot is in it. Else rows that are in the topic may have been deleted
  // since: those deletes must come, so the slot sends what is before the snapshot, too.
  const resumeLsn = slot !== null && stored !== null ? slot.confirmedLsn : lsn;
  if (slot !== null && stored === null) await advanceSlot(queries, name, lsn);
  const [row] = await queries.query("SELECT txid_current() AS txid");
  const place = { lsn, resumeLsn, txId: Number(row!.txid), tsUs, commitLsn: null, timeline };
  return { position: { ...place, snapshotName: made.snapshotName }, slotLsn, temporarySlot };
}
