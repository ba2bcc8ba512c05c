import assert from "node:assert/strict";
import { test } from "node:test";
import type { OffsetMap } from "@millrace/connect";
import { EventMaker } from "../events/event-maker.ts";
import { storedPosition } from "../events/position.ts";
import { settingsOf } from "../testing/sample-table.ts";
import { writeLsn } from "../wire/messages.ts";
import { ChangeReader } from "./change-reader.ts";
import { Confirmations } from "./confirmations.ts";

function open(storedOffset: OffsetMap | null, serverLsn: number) {
  return new ChangeReader({
    settings: settingsOf(),
    names: { version: "1", name: "p", database: "d" },
    maker: new EventMaker({
      prefix: "p",
      messageTopic: "m",
      heartbeatTopic: "h",
      tombstones: true,
      context: null,
      nowMs: () => 5,
    }),
    confirmations: new Confirmations(),
    stored: storedPosition(storedOffset),
    storedOffset,
    lastOffset: storedOffset,
    serverLsn,
    slotLsn: 100,
    timeline: null,
    emit() {},
    describe() {},
    hold() {},
    nowMs: () => 5,
  });
}

/** Begin and commit of a transaction. */
function send(reader: ChangeReader, kind: "B" | "C", txId: number, lsn: number): void {
  const bytes = Buffer.alloc(32);
  bytes.write(kind);
  writeLsn(bytes, lsn, kind === "B" ? 1 : 2);
  if (kind === "C") writeLsn(bytes, lsn, 10);
  else bytes.writeUInt32BE(txId, 17);
  reader.message({ bytes, latin1: bytes.toString("latin1") }, 0, lsn);
}

const stored = { lsn_proc: 140, messageType: "INSERT", lsn_commit: 130, lsn: 140, txId: 7, ts_usec: 5 };

test("a stored offset does not move on while the transaction it is in may come again", () => {
  const reader = open(stored, 500);
  assert.equal(reader.moveOn(200), null);
  assert.deepEqual(reader.moveOn(500), { ...stored, lsn_proc: 499, lsn: 499 });
  const other = open(stored, 500);
  send(other, "B", 8, 300);
  assert.equal(other.moveOn(400), null);
  send(other, "C", 8, 310);
  assert.deepEqual(other.moveOn(400), { ...stored, lsn_proc: 399, lsn: 399 });
});

test("a moved offset keeps the form of the last record's", () => {
  const snapshot = { last_snapshot_record: true, lsn: 100, txId: 7, snapshot: "INITIAL", snapshot_completed: true };
  assert.deepEqual(open(snapshot, 100).moveOn(150), { ...snapshot, lsn: 149 });
  assert.deepEqual(open(null, 0).moveOn(150), { lsn: 149, ts_usec: 5000 });
  assert.equal(open(snapshot, 100).moveOn(90), null);
});
