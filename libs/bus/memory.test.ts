import assert from "node:assert/strict";
import { test } from "node:test";
import { defineEvent, defineRequest, isProtocolError } from "@millrace/protocol";
import { systemClock, VirtualClock } from "@millrace/time";
import * as z from "zod";
import { busConformance } from "./conformance.ts";
import { MemoryHub, memoryBus, type Passage } from "./memory.ts";

for (const { name, run } of busConformance) {
  test(`memory bus: ${name}`, async () => {
    const hub = new MemoryHub({ clock: systemClock });
    await run({ connect: async () => hub.connect() });
  });
}

const echo = defineRequest("test.echo", z.object({ n: z.int() }), z.object({ n: z.int(), by: z.string() }));
const rang = defineEvent("test.rang", z.object({ n: z.int() }));

test("MemoryHub gives a queue group's requests to each responder in turn", async () => {
  const hub = new MemoryHub({ clock: new VirtualClock() });
  for (const by of ["a", "b", "c"]) await hub.connect(by).respond(echo, ({ n }) => ({ n, by }));
  const asker = hub.connect();
  const by: string[] = [];
  for (let n = 0; n < 6; n++) by.push((await asker.request(echo, { n })).by);
  assert.deepEqual(by, ["a", "b", "c", "a", "b", "c"]);
});

test("MemoryHub filter loses a message, and the asker times out on the clock", async () => {
  const clock = new VirtualClock();
  const passages: Passage[] = [];
  const hub = new MemoryHub({
    clock,
    filter: (passage) => {
      passages.push(passage);
      return passage.kind === "reply" ? [] : [0];
    },
  });
  let handled = 0;
  await hub.connect("server").respond(echo, ({ n }) => ({ n: n + ++handled, by: "server" }));
  const asked = assert.rejects(hub.connect("client").request(echo, { n: 1 }, { timeoutMs: 5000 }), (error) => {
    assert.ok(isProtocolError(error));
    return error.code === "TIMEOUT" && error.retriable;
  });
  await clock.advance(5000);
  await asked;
  assert.equal(handled, 1);
  assert.deepEqual(passages, [
    { kind: "request", subject: "test.echo", from: "client", to: "server" },
    { kind: "reply", subject: "test.echo", from: "server", to: "client" },
  ]);
});

test("MemoryHub filter delays and repeats a message", async () => {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock, filter: () => [100, 300] });
  const heard: number[] = [];
  const startMs = clock.nowMs();
  await hub.connect().subscribe(rang, () => {
    heard.push(clock.nowMs() - startMs);
  });
  hub.connect().publish(rang, { n: 1 });
  await clock.advance(1000);
  assert.deepEqual(heard, [100, 300]);
});

test("MemoryHub delivers after the sender has gone on, not within its call", async () => {
  const bus = memoryBus({ clock: new VirtualClock() });
  const heard: number[] = [];
  await bus.subscribe(rang, ({ n }) => {
    heard.push(n);
  });
  bus.publish(rang, { n: 1 });
  assert.deepEqual(heard, []);
  await Promise.resolve();
  assert.deepEqual(heard, [1]);
});

test("MemoryHub answers UNAVAILABLE for a request that arrives after its responder closed", async () => {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock, filter: ({ kind }) => (kind === "request" ? [100] : [0]) });
  const server = hub.connect();
  await server.respond(echo, ({ n }) => ({ n, by: "server" }));
  const asked = assert.rejects(hub.connect().request(echo, { n: 1 }), { code: "UNAVAILABLE" });
  await server.close();
  await clock.advance(100);
  await asked;
});

test("MemoryHub leaves no timer behind an answered request", async () => {
  const clock = new VirtualClock();
  const bus = memoryBus({ clock });
  await bus.respond(echo, ({ n }) => ({ n, by: "x" }));
  await bus.request(echo, { n: 1 });
  assert.equal(clock.nextTimerMs(), null);
});

test("MemoryBus close rejects what still waits for an answer", async () => {
  const hub = new MemoryHub({ clock: new VirtualClock(), filter: () => [] });
  await hub.connect().respond(echo, ({ n }) => ({ n, by: "x" }));
  const asker = hub.connect();
  const asked = assert.rejects(asker.request(echo, { n: 1 }), { code: "UNAVAILABLE" });
  await asker.close();
  await asked;
});

test("respond refuses above a thousand running handlers with UNAVAILABLE", async () => {
  const bus = memoryBus({ clock: new VirtualClock() });
  let release = () => {};
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  await bus.respond(echo, async ({ n }) => {
    await hold;
    return { n, by: "x" };
  });
  const held = Array.from({ length: 1000 }, (_, n) => bus.request(echo, { n }));
  await assert.rejects(bus.request(echo, { n: 1000 }), { code: "UNAVAILABLE" });
  release();
  await Promise.all(held);
});

test("MemoryHub: an event above the maximum is not sent, and the log names its subject and size", async () => {
  const errors: string[] = [];
  const error = (message: string, fields?: Record<string, unknown>) => void errors.push(`${message}: ${fields?.error}`);
  const logger = { debug() {}, info() {}, warn() {}, error };
  const hub = new MemoryHub({ clock: systemClock, payloadBytesMax: 100, logger });
  const said = defineEvent("test.said", z.object({ text: z.string() }));
  const heard: string[] = [];
  await hub.connect().subscribe(said, ({ text }) => void heard.push(text));
  const bus = hub.connect();
  bus.publish(said, { text: "x".repeat(100) });
  bus.publish(said, { text: "short" });
  await bus.close();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(heard, ["short"]);
  assert.match(errors.join(), /event test\.said was not sent: .*has 111 bytes, more than the 100 .*max_payload/);
});
