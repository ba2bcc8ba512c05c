import assert from "node:assert/strict";
import { test } from "node:test";
import type { OffsetMap, SourceRecord } from "@millrace/connect";
import type { Producer } from "@millrace/kafka";
import { VirtualClock } from "@millrace/time";
import { type CommittedBatch, type Committer, Delivery, type EncodedRecord, type OffsetWrite } from "./delivery.ts";
import type { HeldMax } from "./outbox.ts";

/** A commit or abort that the test settles by hand. */
interface Call {
  readonly records: number;
  readonly offsets: number[];
  /** Values sent to the producer since the call before. */
  readonly sent: string[];
  resolve(): void;
  reject(error: unknown): void;
}

const decode = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? new Uint8Array());

type Options = { held?: HeldMax; recordCallbacks?: boolean; linger?: { recordsMin: number; ms: number } };

function open(options: Options = {}) {
  const clock = new VirtualClock();
  const cancel = new AbortController();
  const state = {
    commits: [] as Call[],
    aborts: [] as Call[],
    closes: [] as boolean[],
    committed: [] as CommittedBatch[],
    full: false,
    sendError: null as Error | null,
    acknowledge: () => Promise.resolve(),
  };
  const sent: string[] = [];
  let drain = () => {};
  const producer = {
    send(_topic: string, _partition: number, value: Uint8Array | null) {
      if (state.sendError) throw state.sendError;
      if (state.full) return false;
      sent.push(decode(value));
      return true;
    },
    drained: () =>
      new Promise<void>((resolve) => {
        drain = resolve;
      }),
  } as unknown as Producer;
  const call = (into: Call[], records: number, offsets: readonly OffsetWrite[]) =>
    new Promise<void>((resolve, reject) => {
      const values = offsets.map(({ value }) => Number(decode(value)));
      into.push({ records, offsets: values, sent: sent.splice(0), resolve, reject });
    });
  const committer: Committer = {
    commit: (records, offsets) => call(state.commits, records, offsets),
    abort: () => call(state.aborts, 0, []),
    close: async (isOpen) => void state.closes.push(isOpen),
  };
  const delivery = new Delivery({
    producer,
    committer,
    encodeOffset: (partition: OffsetMap, offset: OffsetMap | null) => ({
      key: new TextEncoder().encode(JSON.stringify(partition)),
      value: new TextEncoder().encode(String(offset?.n)),
    }),
    committed: (batch) => {
      state.committed.push(batch);
      return state.acknowledge();
    },
    clock,
    signal: cancel.signal,
    held: options.held ?? { recordsMax: 1_000_000, bytesMax: 1_000_000 },
    recordCallbacks: options.recordCallbacks ?? false,
    ...(options.linger && { linger: options.linger }),
  });
  const batch = (from: number, to: number) => {
    for (let n = from; n <= to; n++) delivery.send(encoded(n));
    return delivery.endBatch("commit");
  };
  return { delivery, clock, cancel, state, batch, sent: () => sent, drain: () => drain() };
}

function source(n: number): SourceRecord {
  return { sourcePartition: { p: "a" }, sourceOffset: { n }, topic: "out", value: n };
}

function encoded(n: number): EncodedRecord {
  const value = new TextEncoder().encode(String(n));
  return { topic: "out", partition: -1, key: null, value, timestampMs: 0, headers: null, source: source(n) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("Delivery commits a batch with its newest offset", async () => {
  const { delivery, state, batch } = open();
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
  const { clock, state, batch } = open({ linger: { recordsMin: 3, ms: 12 } });
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
  const { delivery, state, batch, sent } = open();
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
  const { delivery, state, sent } = open();
  delivery.send(encoded(1));
  delivery.endBatch("none");
  await delivery.settle();
  assert.deepEqual(sent(), ["1"]);
  assert.deepEqual([state.commits.length, state.committed.length], [0, 0]);
});

test("Delivery tells of an empty commit without committing (invariant 15)", async () => {
  const { delivery, state } = open();
  delivery.endBatch("commit");
  await delivery.settle();
  assert.equal(state.commits.length, 0);
  assert.deepEqual(state.committed, [{ records: 0, commitMs: 0, batches: 0, last: null, callbacks: [] }]);
});

test("Delivery stores an offset that no record carries, after those of the records before it", async () => {
  const { delivery, state } = open();
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
    const { delivery, state, batch } = open({ held });
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
  const { delivery, state, batch, drain } = open();
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
  const { delivery, state } = open({ recordCallbacks: true });
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
  const { delivery, state } = open();
  delivery.send(encoded(1));
  delivery.drop(source(2));
  delivery.endBatch("commit");
  assert.deepEqual(state.commits[0]!.offsets, [1]);
});

test("Delivery commits what came during a commit while the task is told of that one, but is never two ahead of it", async () => {
  const { delivery, state, batch } = open();
  const told: (() => void)[] = [];
  state.acknowledge = () => new Promise((resolve) => told.push(resolve));
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

test("Delivery that is closed while the task is told of a commit commits nothing more", async () => {
  const { delivery, state, batch, cancel } = open();
  const told: (() => void)[] = [];
  state.acknowledge = () => new Promise((resolve) => told.push(resolve));
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
  const { delivery, state, batch } = open();
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
  const { state, batch } = open({ held: { recordsMax: 100, bytesMax: 1 } });
  batch(1, 1);
  const waiting = batch(2, 2)!;
  state.commits[0]!.reject(new Error("commit failed"));
  await assert.rejects(waiting, /commit failed/);
});

test("Delivery fails when a held record is refused by the producer", async () => {
  const { delivery, state, batch } = open();
  batch(1, 1);
  batch(2, 2);
  state.sendError = new Error("too large");
  state.commits[0]!.resolve();
  await assert.rejects(delivery.settle(), /too large/);
  await delivery.close();
  assert.deepEqual(state.closes, [false], "nothing was sent since the commit");
});

test("Delivery aborts a transaction without its records and commits their offsets (invariant 14)", async () => {
  const { delivery, state } = open();
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
  const { delivery, state } = open();
  delivery.send(encoded(1));
  const ended = delivery.endTransaction("abort");
  await settled();
  state.aborts[0]!.reject(new Error("abort failed"));
  await assert.rejects(ended, /abort failed/);
  assert.equal(state.commits.length, 0);
});

test("Delivery ignores an abort with nothing open and goes on to the commit", async () => {
  const { delivery, state } = open();
  await delivery.endTransaction("abort");
  assert.deepEqual([state.aborts.length, state.commits.length, state.committed.length], [0, 0, 1]);
});

test("Delivery closed with something sent aborts it; closing again does nothing more", async () => {
  const { delivery, state } = open();
  delivery.send(encoded(1));
  await Promise.all([delivery.close(), delivery.close()]);
  assert.deepEqual(state.closes, [true]);
  assert.throws(() => delivery.send(encoded(2)), /closed/);
});

test("Delivery closes without an abort when everything is committed", async () => {
  const { delivery, state, batch } = open();
  batch(1, 1);
  state.commits[0]!.resolve();
  await delivery.settle();
  await delivery.close();
  assert.deepEqual(state.closes, [false]);
});

test("Delivery closing waits for the commit on its way, tells the task nothing and commits no more", async () => {
  const { delivery, state, batch } = open();
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
  const { delivery, state, batch, cancel } = open();
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
  const { delivery, state, batch, cancel } = open();
  batch(1, 1);
  cancel.abort(new Error("cancelled"));
  await settled();
  assert.deepEqual(state.closes, [false]);
  state.commits[0]!.resolve();
  await settled();
  assert.deepEqual(state.committed, []);
  assert.throws(() => delivery.endBatch("commit"), /closed/);
});
