import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema } from "@millrace/connect";
import { sinkRecord } from "../testing/sink-fixture.ts";
import { WriteQueue } from "./write-queue.ts";

const records = (...numbers: number[]) => numbers.map((n) => sinkRecord(Schema.INT32, n));
const numbersOf = (batch: readonly { readonly value: unknown }[]) => batch.map(({ value }) => value);

/** A database that answers when told to. */
function open(options: { readonly alone?: boolean } = {}) {
  const begun: { readonly batch: unknown[]; end: (error?: Error) => void }[] = [];
  const write = (batch: readonly { readonly value: unknown }[]) =>
    new Promise<void>((resolve, reject) => {
      begun.push({ batch: numbersOf(batch), end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  let written = 0;
  const queue = new WriteQueue({
    ...{ batchesMax: 2, gatheredMax: () => 4, write, send: options.alone === true ? () => null : write },
    written: () => {
      written++;
    },
  });
  return { queue, begun, batches: () => begun.map(({ batch }) => batch), written: () => written };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a batch goes at once while there is room; then what comes is gathered, and goes as one", async () => {
  const { queue, begun, batches, written } = open();
  for (const n of [1, 2, 3]) await queue.add(records(n));
  assert.ok(queue.fits(3) && !queue.fits(4));
  await queue.add(records(4, 5));
  assert.deepEqual(batches(), [[1], [2]]);
  begun[0]!.end();
  await turn();
  assert.deepEqual(batches(), [[1], [2], [3, 4, 5]]);
  begun[1]!.end();
  begun[2]!.end();
  await queue.settled();
  assert.equal(written(), 3);
});

test("adding waits once enough is gathered", async () => {
  const { queue, begun, batches } = open();
  await queue.add(records(1));
  await queue.add(records(2));
  let added = false;
  const adding = queue.add(records(3, 4, 5, 6)).then(() => {
    added = true;
  });
  await turn();
  assert.equal(added, false);
  begun[0]!.end();
  await adding;
  assert.deepEqual(batches(), [[1], [2], [3, 4, 5, 6]]);
});

test("after a failure nothing more begins, and all that is left comes back in order", async () => {
  const { queue, begun, batches } = open();
  for (const n of [1, 2, 3, 4]) await queue.add(records(n));
  begun[0]!.end();
  await turn();
  begun[1]!.end(new Error("refused"));
  begun[2]!.end(new Error("skipped"));
  await queue.settled();
  await queue.add(records(5));
  assert.equal((queue.failure!.error as Error).message, "refused");
  assert.deepEqual(batches(), [[1], [2], [3, 4]]);
  assert.deepEqual(numbersOf(queue.take()), [2, 3, 4, 5]);
  assert.equal(queue.failure, null);
  await queue.add(records(6));
  assert.deepEqual(batches().at(-1), [6]);
});

test("what cannot be sent behind others is written when they have landed", async () => {
  const { queue, begun, batches } = open({ alone: true });
  await queue.add(records(1));
  await queue.add(records(2));
  await turn();
  assert.deepEqual(batches(), [[1]]);
  begun[0]!.end();
  await turn();
  assert.deepEqual(batches(), [[1], [2]]);
  begun[1]!.end(new Error("refused"));
  await queue.settled();
  assert.deepEqual(numbersOf(queue.take()), [2]);
});
