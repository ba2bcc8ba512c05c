import assert from "node:assert/strict";
import { test } from "node:test";
import { encoded, openDelivery, settled } from "../../testing/delivery-fixture.ts";

test("Delivery that is closed while the task is told of a commit commits nothing more", async () => {
  const { delivery, state, batch, cancel, tellByHand } = openDelivery();
  const told = tellByHand();
  batch(1, 1);
  batch(2, 2);
  state.commits[0]!.resolve();
  await settled();
  batch(3, 3);
  state.commits[1]!.resolve();
  await settled();
  cancel.abort(new Error("cancelled"));
  told[0]!();
  await settled();
  assert.equal(state.commits.length, 2);
  assert.throws(() => delivery.endBatch("commit"), /closed/);
});

test("Delivery after a failed commit rejects everything with it, tells the task nothing, and closes with an abort", async () => {
  const { delivery, state, batch } = openDelivery();
  const failure = new Error("commit failed");
  batch(1, 1);
  batch(2, 2);
  state.commits[0]!.reject(failure);
  await assert.rejects(delivery.settle(), failure);
  assert.throws(() => delivery.send(encoded(3)), failure);
  assert.throws(() => delivery.endBatch("commit"), failure);
  await assert.rejects(delivery.endTransaction("commit"), failure);
  await delivery.close();
  assert.deepEqual([state.committed, state.closes, state.commits.length], [[], [true], 1]);
});

test("Delivery that waits for room rejects when the commit fails", async () => {
  const { state, batch } = openDelivery({ held: { recordsMax: 100, bytesMax: 1 } });
  batch(1, 1);
  const waiting = batch(2, 2)!;
  state.commits[0]!.reject(new Error("commit failed"));
  await assert.rejects(waiting, /commit failed/);
});

test("Delivery fails when a held record is refused by the producer", async () => {
  const { delivery, state, batch } = openDelivery();
  batch(1, 1);
  batch(2, 2);
  state.sendError = new Error("too large");
  state.commits[0]!.resolve();
  await assert.rejects(delivery.settle(), /too large/);
  await delivery.close();
  assert.deepEqual(state.closes, [false], "nothing was sent since the commit");
});

test("Delivery aborts a transaction without its records and commits their offsets (invariant 14)", async () => {
  const { delivery, state } = openDelivery();
  delivery.send(encoded(1));
  const ended = delivery.endTransaction("abort");
  await settled();
  assert.equal(state.aborts.length, 1);
  state.aborts[0]!.resolve();
  await settled();
  assert.deepEqual([state.commits[0]!.records, state.commits[0]!.offsets], [0, [1]]);
  state.commits[0]!.resolve();
  await ended;
});

test("Delivery fails when the abort does, and commits nothing", async () => {
  const { delivery, state } = openDelivery();
  delivery.send(encoded(1));
  const ended = delivery.endTransaction("abort");
  await settled();
  state.aborts[0]!.reject(new Error("abort failed"));
  await assert.rejects(ended, /abort failed/);
  assert.equal(state.commits.length, 0);
});

test("Delivery ignores an abort with nothing open and goes on to the commit", async () => {
  const { delivery, state } = openDelivery();
  await delivery.endTransaction("abort");
  assert.deepEqual([state.aborts.length, state.commits.length, state.committed.length], [0, 0, 1]);
});

test("Delivery closed with something sent aborts it; closing again does nothing more", async () => {
  const { delivery, state } = openDelivery();
  delivery.send(encoded(1));
  await Promise.all([delivery.close(), delivery.close()]);
  assert.deepEqual(state.closes, [true]);
  assert.throws(() => delivery.send(encoded(2)), /closed/);
});

test("Delivery closes without an abort when everything is committed", async () => {
  const { delivery, state, batch } = openDelivery();
  batch(1, 1);
  state.commits[0]!.resolve();
  await delivery.settle();
  await delivery.close();
  assert.deepEqual(state.closes, [false]);
});

test("Delivery closing waits for the commit on its way, tells the task nothing and commits no more", async () => {
  const { delivery, state, batch } = openDelivery();
  batch(1, 1);
  batch(2, 2);
  const closed = delivery.close();
  await settled();
  assert.deepEqual(state.closes, []);
  state.commits[0]!.resolve();
  await closed;
  assert.deepEqual([state.closes, state.committed, state.commits.length], [[false], [], 1]);
});

test("Delivery closing aborts what was sent while the task was told of a commit", async () => {
  const { delivery, state, batch, cancel } = openDelivery();
  state.acknowledge = () => new Promise(() => {});
  batch(1, 1);
  delivery.send(encoded(2));
  state.commits[0]!.resolve();
  await settled();
  void delivery.close();
  await settled();
  assert.deepEqual(state.closes, [], "the task's callback still runs");
  cancel.abort(new Error("cancelled"));
  await settled();
  assert.deepEqual(state.closes, [false], "cancelled: the next fencing aborts");
});

test("Delivery closes at once when cancelled and commits nothing more", async () => {
  const { delivery, state, batch, cancel } = openDelivery();
  batch(1, 1);
  cancel.abort(new Error("cancelled"));
  await settled();
  assert.deepEqual(state.closes, [false]);
  state.commits[0]!.resolve();
  await settled();
  assert.deepEqual(state.committed, []);
  assert.throws(() => delivery.endBatch("commit"), /closed/);
});
