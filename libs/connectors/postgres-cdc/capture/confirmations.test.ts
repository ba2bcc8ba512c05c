import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { SourceRecord } from "@millrace/connect";
import { Confirmations } from "./confirmations.ts";

const record = (lsn: number, commitLsn: number): SourceRecord => ({
  sourcePartition: {},
  sourceOffset: { lsn, lsn_commit: commitLsn },
  topic: "t",
  value: null,
});

/** Makes some records and takes them; gives the last. */
function taken(confirmations: Confirmations, lsn: number, commitLsn: number): SourceRecord {
  confirmations.emitted();
  const last = record(lsn, commitLsn);
  confirmations.taken(last);
  return last;
}

test("the slot is confirmed up to a committed offset, and no transaction before it is complete", () => {
  const confirmations = new Confirmations();
  const a = taken(confirmations, 70, 20);
  confirmations.committed(a);
  assert.equal(confirmations.lsn, 0);
  confirmations.emitted();
  confirmations.completed(100);
  const b = record(90, 20);
  confirmations.taken(b);
  const c = taken(confirmations, 150, 100);
  assert.equal(confirmations.lsn, 0);
  confirmations.committed(b);
  assert.equal(confirmations.lsn, 90);
  confirmations.completed(200);
  confirmations.committed(c);
  assert.equal(confirmations.lsn, 100);
});

test("a commit covers everything taken before, and says nothing when it ends within what was taken", () => {
  const confirmations = new Confirmations();
  confirmations.completed(100);
  taken(confirmations, 110, 100);
  confirmations.completed(200);
  const b = taken(confirmations, 210, 200);
  confirmations.committed(record(1, 1));
  assert.equal(confirmations.lsn, 0);
  confirmations.committed(b);
  assert.equal(confirmations.lsn, 200);
});

test("a mark is committed with all records made before it", () => {
  const confirmations = new Confirmations();
  const a = taken(confirmations, 10, 10);
  confirmations.emitted();
  const mark = confirmations.mark();
  const b = record(20, 20);
  confirmations.taken(b);
  taken(confirmations, 30, 30);
  confirmations.committed(a);
  assert.equal(confirmations.isCommitted(mark), false);
  confirmations.committed(b);
  assert.equal(confirmations.isCommitted(mark), true);
});

test("what has no records is to be said once nothing is under way", () => {
  const confirmations = new Confirmations();
  assert.equal(confirmations.unsaid, null);
  confirmations.completed(50);
  assert.equal(confirmations.unsaid, 50);
  const said = taken(confirmations, 50, 50);
  assert.equal(confirmations.unsaid, null);
  confirmations.committed(said);
  assert.deepEqual([confirmations.lsn, confirmations.unsaid], [50, null]);
});

test("a record that waits for its commit is not kept, with all that was received beside it", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const confirmations = new Confirmations();
  const record = new WeakRef(taken(confirmations, 10, 10));
  await setImmediate();
  collectGarbage();
  assert.equal(record.deref(), undefined);
  assert.equal(confirmations.unsaid, null);
});
