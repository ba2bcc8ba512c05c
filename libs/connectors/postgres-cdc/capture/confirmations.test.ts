import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRecord } from "@millrace/connect";
import { Confirmations } from "./confirmations.ts";

const record = (): SourceRecord => ({ sourcePartition: null, sourceOffset: null, topic: "t", value: null });

test("a transaction is confirmed when its last record is committed, not before", () => {
  const confirmations = new Confirmations();
  const [a, b, c] = [record(), record(), record()];
  confirmations.emitted(a);
  confirmations.emitted(b);
  confirmations.completed(100);
  confirmations.emitted(c);
  confirmations.committed(a);
  assert.equal(confirmations.lsn, 0);
  confirmations.committed(b);
  assert.equal(confirmations.lsn, 100);
  confirmations.completed(200);
  assert.equal(confirmations.lsn, 100);
  confirmations.committed(c);
  assert.equal(confirmations.lsn, 200);
});

test("what has no records moves on at once when nothing is under way, else with the last record", () => {
  const confirmations = new Confirmations();
  confirmations.completed(50);
  assert.equal(confirmations.lsn, 50);
  const a = record();
  confirmations.emitted(a);
  confirmations.completed(60);
  confirmations.completed(70);
  assert.equal(confirmations.lsn, 50);
  confirmations.committed(a);
  assert.equal(confirmations.lsn, 70);
});
