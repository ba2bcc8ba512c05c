import assert from "node:assert/strict";
import { test } from "node:test";
import { record } from "../../testing/host-fixture.ts";
import { TransactionRequests } from "./transaction-requests.ts";

test("TransactionRequests gives each request once", () => {
  const requests = new TransactionRequests();
  assert.equal(requests.takeBatch(), "none");
  requests.commitTransaction();
  requests.commitTransaction();
  assert.deepEqual([requests.takeBatch(), requests.takeBatch()], ["commit", "none"]);
  requests.abortTransaction();
  assert.deepEqual([requests.takeBatch(), requests.takeBatch()], ["abort", "none"]);
});

test("TransactionRequests knows records by identity", () => {
  const requests = new TransactionRequests();
  const [first, equal, third] = [record(1), record(1), record(3)];
  requests.commitTransaction(first);
  requests.abortTransaction(third);
  assert.deepEqual(
    [requests.takeRecord(equal), requests.takeRecord(first), requests.takeRecord(first)],
    ["none", "commit", "none"],
  );
  assert.equal(requests.takeRecord(third), "abort");
  assert.equal(requests.takeBatch(), "none");
});

test("TransactionRequests refuses commit and abort of the same record, in Connect's words", () => {
  const requests = new TransactionRequests();
  const both = { ...record(1), partition: 4 };
  requests.commitTransaction(both);
  requests.abortTransaction(both);
  assert.throws(() => requests.takeRecord(both), {
    message: "Connector requested both commit and abort of same record against topic/partition out/4",
  });
});

test("TransactionRequests refuses commit and abort of the same batch, in Connect's words", () => {
  for (const [first, then] of [
    ["commitTransaction", "abortTransaction"],
    ["abortTransaction", "commitTransaction"],
  ] as const) {
    const requests = new TransactionRequests();
    requests[first]();
    assert.throws(() => requests[then](), { message: "Connector requested both commit and abort of same transaction" });
  }
});
