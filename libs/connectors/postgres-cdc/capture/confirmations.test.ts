import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRecord } from "@millrace/connect";
import { Confirmations } from "./confirmations.ts";

const record = (): SourceRecord => ({ sourcePartition: null, sourceOffset: null, topic: "t", value: null });

/** Makes some records and takes them; gives the last. */
function taken(confirmations: Confirmations): SourceRecord {
  confirmations.emitted();
  const last = record();
  confirmations.taken(last);
  return last;
}

test("a transaction is confirmed when its last record is committed, not before", () => {
  const confirmations = new Confirmations();
  const a = taken(confirmations);
  confirmations.emitted();
  confirmations.completed(100);
  const b = record();
  confirmations.taken(b);
  const c = taken(confirmations);
  confirmations.committed(a);
  assert.equal(confirmations.lsn, 0);
  confirmations.committed(b);
  assert.equal(confirmations.lsn, 100);
  confirmations.completed(200);
  assert.equal(confirmations.lsn, 100);
  confirmations.committed(c);
  assert.equal(confirmations.lsn, 200);
});

test("a commit covers everything taken before, and says nothing when it ends within what was taken", () => {
  const confirmations = new Confirmations();
  taken(confirmations);
  confirmations.completed(100);
  const b = taken(confirmations);
  confirmations.completed(200);
  confirmations.committed(record());
  assert.equal(confirmations.lsn, 0);
  confirmations.committed(b);
  assert.equal(confirmations.lsn, 200);
});

test("what has no records moves on at once when nothing is under way, else with the last record", () => {
  const confirmations = new Confirmations();
  confirmations.completed(50);
  assert.equal(confirmations.lsn, 50);
  confirmations.emitted();
  confirmations.completed(60);
  confirmations.completed(70);
  assert.equal(confirmations.lsn, 50);
  const a = record();
  confirmations.taken(a);
  confirmations.completed(80);
  confirmations.committed(a);
  assert.equal(confirmations.lsn, 80);
});
