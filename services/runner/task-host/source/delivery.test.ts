import assert from "node:assert/strict";
import { test } from "node:test";
import { encoded, openDelivery, settled, source } from "../../testing/delivery-fixture.ts";
import type { CommittedBatch } from "./delivery.ts";

test("Delivery commits a batch with its newest offset", async () => {
  const { delivery, state, batch } = openDelivery();
  assert.equal(batch(1, 3), undefined);
  assert.deepEqual(
    state.commits.map(({ records, offsets, sent }) => ({ records, offsets, sent })),
    [{ records: 3, offsets: [3], sent: ["1", "2", "3"] }],
  );
  state.commits[0]!.resolve();
  await delivery.settle();
  assert.deepEqual(state.committed, [{ records: 3, commitMs: 0, batches: 1, last: source(3), callbacks: [] }]);
});

test("Delivery gives a busy source time to fill the next commit, and commits the few records of a quiet one at once", async () => {
  const { clock, state, batch } = openDelivery({ linger: { recordsMin: 3, ms: 12 } });
  batch(1, 1);
  batch(2, 3);
  state.commits[0]!.resolve();
  await settled();
  assert.equal(state.commits.length, 2, "two records");
  batch(4, 6);
  state.commits[1]!.resolve();
  await settled();
  assert.equal(state.commits.length, 2, "three records");
  batch(7, 7);
  await clock.advance(11);
  assert.equal(state.commits.length, 2);
  await clock.advance(1);
  assert.deepEqual(state.commits[2]!.sent, ["4", "5", "6", "7"]);
});

test("Delivery holds what is handed over during a commit and puts all whole batches of it into the next", async () => {
  const { delivery, state, batch, sent } = openDelivery();
  batch(1, 2);
  batch(3, 4);
  batch(5, 6);
  delivery.send(encoded(7));
  assert.equal(state.commits.length, 1);
  assert.deepEqual(sent(), []);
  state.commits[0]!.resolve();
  await settled();
  assert.equal(state.commits.length, 1, "the batch of record 7 is not complete, and batches are never split");
  assert.deepEqual(sent(), ["3", "4", "5", "6", "7"]);
  delivery.send(encoded(8));
  delivery.endBatch("none");
  assert.deepEqual([state.commits[1]!.records, state.commits[1]!.offsets], [6, [8]]);
  state.commits[1]!.resolve();
  await delivery.settle();
  assert.equal(state.commits.length, 2);
});

test("Delivery without a wish to commit keeps sending and commits nothing", async () => {
  const { delivery, state, sent } = openDelivery();
  delivery.send(encoded(1));
  delivery.endBatch("none");
  await delivery.settle();
  assert.deepEqual(sent(), ["1"]);
  assert.deepEqual([state.commits.length, state.committed.length], [0, 0]);
});

test("Delivery tells of an empty commit without committing (invariant 15)", async () => {
  const { delivery, state } = openDelivery();
  delivery.endBatch("commit");
  await delivery.settle();
  assert.equal(state.commits.length, 0);
  assert.deepEqual(state.committed, [{ records: 0, commitMs: 0, batches: 0, last: null, callbacks: [] }]);
});

test("Delivery stores an offset that no record carries, after those of the records before it", async () => {
  const { delivery, state } = openDelivery();
  delivery.send(encoded(1));
  delivery.note({ ...source(2), offsetOnly: true });
  delivery.endBatch("commit");
  state.commits[0]!.resolve();
  await settled();
  delivery.note({ ...source(3), offsetOnly: true });
  delivery.endBatch("commit");
  state.commits[1]!.resolve();
  await delivery.settle();
  assert.deepEqual(
    state.commits.map(({ records, offsets }) => ({ records, offsets })),
    [
      { records: 1, offsets: [2] },
      { records: 0, offsets: [3] },
    ],
  );
  const committed: readonly CommittedBatch[] = state.committed;
  assert.deepEqual(
    committed.map(({ last }) => last?.value),
    [2, 3],
  );
});

for (const held of [
  { recordsMax: 100, bytesMax: 200 },
  { recordsMax: 4, bytesMax: 1_000_000 },
]) {
  const most = Object.entries(held).map(([name, max]) => `${name} ${max}`);
  test(`Delivery asks to wait while too much is held, and gives room when it has moved on: ${most}`, async () => {
    const { delivery, state, batch } = openDelivery({ held });
    assert.equal(batch(1, 1), undefined);
    assert.equal(batch(2, 2), undefined);
    let room = false;
    const waiting = batch(3, 5)!.then(() => {
      room = true;
    });
    await settled();
    assert.equal(room, false);
    state.commits[0]!.resolve();
    await waiting;
    assert.deepEqual(state.commits[1]!.sent, ["2", "3", "4", "5"]);
    state.commits[1]!.resolve();
    await delivery.settle();
  });
}

test("Delivery waits for a full queue to drain and keeps the order", async () => {
  const { delivery, state, batch, drain } = openDelivery();
  state.full = true;
  batch(1, 2);
  batch(3, 3);
  assert.equal(state.commits.length, 0);
  drain();
  await settled();
  assert.equal(state.commits.length, 0, "still full: it waits again");
  state.full = false;
  drain();
  await settled();
  assert.deepEqual([state.commits[0]!.records, state.commits[0]!.sent], [3, ["1", "2", "3"]]);
  state.commits[0]!.resolve();
  await delivery.settle();
});

test("Delivery calls back in the order of the hand-over, dropped records included, after the commit", async () => {
  const { delivery, state } = openDelivery({ recordCallbacks: true });
  delivery.send(encoded(1));
  delivery.drop(source(2));
  delivery.endBatch("commit");
  delivery.send(encoded(3));
  delivery.drop(source(4));
  delivery.send(encoded(5));
  delivery.endBatch("commit");
  await settled();
  assert.equal(state.committed.length, 0);
  for (const at of [0, 1]) {
    state.commits[at]!.resolve();
    await settled();
  }
  const committed: readonly CommittedBatch[] = state.committed;
  const values = committed.map(({ callbacks }) => callbacks.map(({ record }) => record.value));
  assert.deepEqual(values, [
    [1, 2],
    [3, 4, 5],
  ]);
  assert.deepEqual(
    committed.map(({ last }) => last?.value),
    [2, 5],
  );
});

test("Delivery does not store the offset of a dropped record (invariant 16)", async () => {
  const { delivery, state } = openDelivery();
  delivery.send(encoded(1));
  delivery.drop(source(2));
  delivery.endBatch("commit");
  assert.deepEqual(state.commits[0]!.offsets, [1]);
});

test("Delivery commits what came during a commit while the task is told of that one, but is never two ahead of it", async () => {
  const { delivery, state, batch, tellByHand } = openDelivery();
  const told = tellByHand();
  batch(1, 1);
  batch(2, 2);
  state.commits[0]!.resolve();
  await settled();
  assert.deepEqual(state.commits[1]!.sent, ["2"], "the task may be waiting in a poll for records that come much later");
  batch(3, 3);
  state.commits[1]!.resolve();
  await settled();
  assert.deepEqual([state.committed.length, state.commits.length], [2, 2]);
  told[0]!();
  await settled();
  assert.deepEqual(state.commits[2]!.sent, ["3"]);
  state.commits[2]!.resolve();
  told[1]!();
  await settled();
  assert.equal(told.length, 3);
  told[2]!();
  await delivery.settle();
});
