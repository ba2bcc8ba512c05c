import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { BatchSettings } from "../config/settings.ts";
import { allDone, answerOf, HeldRequests, instantRetries, settle } from "../testing/fake-elasticsearch.ts";
import { BulkWriter } from "./bulk-writer.ts";

const SETTINGS: BatchSettings = { recordsMax: 2, bytesMax: 1000, inFlightMax: 2, bufferedMax: 100, lingerMs: 1 };

function open(settings: Partial<BatchSettings> = {}) {
  const requests = new HeldRequests();
  const landed: string[] = [];
  const lingers: (() => void)[] = [];
  const { retry } = instantRetries(3);
  const writer = new BulkWriter<string>({
    settings: { ...SETTINGS, ...settings },
    // Lingering and time limits end when the test says so.
    retry: { ...retry, sleep: () => new Promise((resolve) => lingers.push(resolve)) },
    send: requests.send,
    landed: ({ owner }) => void landed.push(owner),
  });
  const add = (id: string, bytes = 10, ordered = false) =>
    writer.add({
      operation: {
        text: `{"index":{"_id":"${id}"}}\n{}\n`,
        document: ordered ? id : null,
        waits: ordered,
        versioned: !ordered,
      },
      bytes,
      owner: id,
    });
  return { writer, requests, landed, lingers, add, sent: () => requests.sent.map(({ ids }) => ids.join("")) };
}

describe("BulkWriter", () => {
  it("sends full batches at once, so many at a time, and the rest after lingering", async () => {
    const { requests, lingers, landed, add, sent, writer } = open();
    for (const id of ["a", "b", "c", "d", "e", "f", "g"]) add(id);
    assert.deepEqual(sent(), ["ab", "cd"]);
    requests.sent[0]!.answer(allDone);
    await settle();
    assert.deepEqual(sent(), ["ab", "cd", "ef"]);
    assert.deepEqual(landed, ["a", "b"]);
    assert.equal(writer.held, 5);
    requests.sent[1]!.answer(allDone);
    await settle();
    assert.equal(sent().length, 3);
    for (const end of lingers) end();
    await settle();
    assert.deepEqual(sent().at(-1), "g");
  });

  it("keeps batches below a size, larger records alone", () => {
    const { add, sent } = open({ recordsMax: 10, bytesMax: 100, inFlightMax: 10 });
    add("a", 60);
    add("b", 60);
    add("c", 500);
    assert.deepEqual(sent(), ["a", "b", "c"]);
  });

  it("sends what waits on a flush", () => {
    const { add, sent, writer } = open();
    add("a");
    assert.deepEqual(sent(), []);
    writer.flush();
    assert.deepEqual(sent(), ["a"]);
  });

  it("sends one operation at a time on a document whose order only we keep", async () => {
    const { requests, landed, add, sent, writer } = open({ recordsMax: 3, inFlightMax: 5 });
    for (const id of ["a", "b", "c"]) add(id, 10, true);
    for (const id of ["a", "d", "a"]) add(id, 10, true);
    writer.flush();
    assert.deepEqual(sent(), ["abc", "d"]);
    requests.sent[0]!.answer(allDone);
    await settle();
    assert.deepEqual(sent(), ["abc", "d", "aa"]);
    assert.deepEqual(landed, ["a", "b", "c"]);
  });

  it("sends a deletion when earlier writes of its document have landed, and later writes without waiting", async () => {
    const { requests, sent, writer } = open({ recordsMax: 2, inFlightMax: 5 });
    const add = (id: string, version: number, waits: boolean) => {
      const text = `{"x":{"_id":"${id}${version}"}}\n`;
      writer.add({ operation: { text, document: id, waits, versioned: true }, bytes: 10, owner: `${id}${version}` });
    };
    add("a", 1, false);
    add("b", 2, false);
    add("a", 3, true);
    add("c", 4, false);
    add("a", 5, false);
    writer.flush();
    assert.deepEqual(sent(), ["a1b2", "c4a5"]);
    requests.sent[0]!.answer(allDone);
    await settle();
    assert.deepEqual(sent(), ["a1b2", "c4a5"], "the later write is on its way");
    requests.sent[1]!.answer(allDone);
    await settle();
    assert.deepEqual(sent(), ["a1b2", "c4a5", "a3"]);
  });

  it("fails with the first error, and wakes whoever waits", async () => {
    const { requests, add, writer, sent } = open();
    add("a");
    add("b");
    add("c");
    const waiting = writer.until(() => writer.held === 0, 1000, new AbortController().signal);
    requests.sent[0]!.answer({ status: 403, body: "" });
    await assert.rejects(waiting, /answered 403/);
    assert.throws(() => writer.throwIfFailed(), /answered 403/);
    writer.flush();
    assert.deepEqual(sent(), ["ab"], "nothing is sent behind it");
  });

  it("waits until something is reached, the time is over, or it is told to end", async () => {
    const { requests, add, writer, lingers } = open({ lingerMs: 5 });
    const never = new AbortController().signal;
    add("a");
    add("b");
    const done = writer.until(() => writer.held === 0, 1000, never);
    requests.sent[0]!.answer(answerOf(201, 201));
    assert.equal(await done, true);
    add("c");
    const late = writer.until(() => writer.held === 0, 1000, never);
    lingers.at(-1)!();
    assert.equal(await late, false);
    assert.equal(await writer.until(() => false, 1000, AbortSignal.abort()), false);
  });

  it("sends each document's operations in order, and every operation once, whatever is answered when", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        async (ids, choices) => {
          const { requests, landed, writer } = open({ recordsMax: 3, inFlightMax: 3 });
          for (const [i, id] of ids.entries()) {
            const text = `{"index":{"_id":"${id}"}}\n{"n":${i}}\n`;
            writer.add({
              operation: { text, document: id, waits: true, versioned: false },
              bytes: 10,
              owner: `${id}${i}`,
            });
          }
          writer.flush();
          const onTheirWay = [...requests.sent];
          let known = onTheirWay.length;
          while (onTheirWay.length > 0) {
            const busy = onTheirWay.flatMap((request) => [...new Set(request.ids)]);
            assert.equal(new Set(busy).size, busy.length, "a document is on its way in one request");
            const [request] = onTheirWay.splice(choices.next().value! % onTheirWay.length, 1);
            request!.answer(allDone);
            await settle();
            onTheirWay.push(...requests.sent.slice(known));
            known = requests.sent.length;
          }
          for (const id of new Set(ids)) {
            const order = landed.filter((owner) => owner.startsWith(id)).map((owner) => Number(owner.slice(1)));
            assert.deepEqual(
              order,
              order.toSorted((x, y) => x - y),
            );
          }
          assert.equal(landed.length, ids.length);
        },
      ),
    );
  });
});
