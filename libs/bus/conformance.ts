import assert from "node:assert/strict";
import { defineEvent, defineRequest, isProtocolError, ProtocolError } from "@millrace/protocol";
import * as z from "zod";
import type { Bus } from "./bus.ts";

export interface BusWorld {
  /** Another connection to the same hub or server, under the same prefix. */
  connect(): Promise<Bus>;
}

export interface BusCase {
  readonly name: string;
  run(world: BusWorld): Promise<void>;
}

const double = defineRequest("test.double", z.object({ n: z.int() }), z.object({ n: z.int(), by: z.string() }));
const text = defineRequest("test.text", z.object({ text: z.string() }), z.object({ text: z.string() }));
const looseText = defineRequest("test.text", z.unknown(), z.unknown());
const rang = defineEvent("test.rang", z.object({ n: z.int() }));
const looseRang = defineEvent("test.rang", z.unknown());

async function refusal(promise: Promise<unknown>): Promise<ProtocolError> {
  const error = await promise.then(
    () => assert.fail("it was answered, not refused"),
    (error: unknown) => error,
  );
  assert.ok(isProtocolError(error), `not a ProtocolError: ${String(error)}`);
  return error;
}

/** Resolves with everything put in, once `count` are there. */
function collector<T>(count: number): { put(value: T): void; all: Promise<T[]> } {
  const values: T[] = [];
  const { promise, resolve } = deferred<T[]>();
  return {
    put(value) {
      values.push(value);
      if (values.length === count) resolve(values);
    },
    all: promise,
  };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const asking: BusCase[] = [
  {
    name: "request gets the responder's answer",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      await responder.respond(double, ({ n }) => ({ n: n * 2, by: "responder" }));
      assert.deepEqual(await asker.request(double, { n: 21 }), { n: 42, by: "responder" });
      assert.equal(asker.connected(), true);
    },
  },
  {
    name: "request rejects with the responder's code, message and retriable",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      await responder.respond(double, () => {
        throw new ProtocolError("CONFLICT", "being changed", { retriable: true });
      });
      const error = await refusal(asker.request(double, { n: 1 }));
      assert.deepEqual([error.code, error.message, error.retriable], ["CONFLICT", "being changed", true]);
    },
  },
  {
    name: "request rejects with INTERNAL when the handler throws something else",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      await responder.respond(double, async () => {
        throw new TypeError("nothing there");
      });
      const error = await refusal(asker.request(double, { n: 1 }));
      assert.deepEqual([error.code, error.message, error.retriable], ["INTERNAL", "nothing there", false]);
    },
  },
  {
    name: "request is shared among responders, one answer each",
    async run(world) {
      const asker = await world.connect();
      const answered = new Map<string, number>();
      for (const by of ["a", "b"]) {
        const responder = await world.connect();
        await responder.respond(double, ({ n }) => {
          answered.set(by, (answered.get(by) ?? 0) + 1);
          return { n, by };
        });
      }
      await Promise.all(Array.from({ length: 100 }, (_, n) => asker.request(double, { n })));
      assert.deepEqual([...answered.keys()].sort(), ["a", "b"]);
      assert.equal((answered.get("a") ?? 0) + (answered.get("b") ?? 0), 100);
    },
  },
  {
    name: "request reaches every responder without a queue, and the first answer wins",
    async run(world) {
      const asker = await world.connect();
      const heard = collector<string>(2);
      const hold = deferred<void>();
      for (const by of ["slow", "fast"]) {
        const responder = await world.connect();
        await responder.respond(
          double,
          async ({ n }) => {
            heard.put(by);
            if (by === "slow") await hold.promise;
            return { n, by };
          },
          { queue: false },
        );
      }
      assert.equal((await asker.request(double, { n: 1 })).by, "fast");
      assert.deepEqual((await heard.all).sort(), ["fast", "slow"]);
      hold.resolve();
    },
  },
  {
    name: "request rejects with UNAVAILABLE at once when nobody responds",
    async run(world) {
      const asker = await world.connect();
      const error = await refusal(asker.request(double, { n: 1 }, { timeoutMs: 60_000 }));
      assert.deepEqual([error.code, error.retriable], ["UNAVAILABLE", true]);
      assert.match(error.message, /test\.double/);
    },
  },
  {
    name: "request rejects with UNAVAILABLE once the only responder has closed",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      const subscription = await responder.respond(double, ({ n }) => ({ n, by: "x" }));
      await subscription.close();
      await subscription.close();
      assert.equal((await refusal(asker.request(double, { n: 1 }))).code, "UNAVAILABLE");
    },
  },
  {
    name: "request rejects with TIMEOUT when no answer comes in time",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      const hold = deferred<void>();
      await responder.respond(double, async ({ n }) => {
        await hold.promise;
        return { n, by: "late" };
      });
      const error = await refusal(asker.request(double, { n: 1 }, { timeoutMs: 20 }));
      assert.deepEqual([error.code, error.retriable], ["TIMEOUT", true]);
      hold.resolve();
    },
  },
  {
    name: "request rejects with the signal's reason when aborted",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      const [hold, reached] = [deferred<void>(), deferred<void>()];
      await responder.respond(double, async ({ n }) => {
        reached.resolve();
        await hold.promise;
        return { n, by: "late" };
      });
      const abort = new AbortController();
      const reason = new Error("stopping");
      const asked = asker.request(double, { n: 1 }, { signal: abort.signal });
      await reached.promise;
      abort.abort(reason);
      await assert.rejects(asked, (error) => error === reason);
      await assert.rejects(asker.request(double, { n: 1 }, { signal: abort.signal }), (error) => error === reason);
      hold.resolve();
    },
  },
];

const checking: BusCase[] = [
  {
    name: "request refuses an invalid message at the sender",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      let reached = 0;
      await responder.respond(double, ({ n }) => ({ n: ++reached + n, by: "x" }));
      const error = await refusal(asker.request(double, { n: 1.5 }));
      assert.deepEqual([error.code, reached], ["INVALID", 0]);
      assert.match(error.message, /test\.double to be sent.*n:/);
    },
  },
  {
    name: "respond refuses an invalid message at the receiver",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      let reached = 0;
      await responder.respond(text, (message) => {
        reached++;
        return message;
      });
      const error = await refusal(asker.request(looseText, { text: 7 }));
      assert.deepEqual([error.code, reached], ["INVALID", 0]);
      assert.match(error.message, /test\.text as received.*text:/);
    },
  },
  {
    name: "respond refuses an invalid answer at the responder",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      await responder.respond(double, () => ({ n: Number.NaN, by: "x" }));
      const error = await refusal(asker.request(double, { n: 1 }));
      assert.equal(error.code, "INTERNAL");
      assert.match(error.message, /answer to test\.double to be sent/);
    },
  },
  {
    name: "request refuses an invalid answer at the asker",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      await responder.respond(looseText, () => ({ wrong: true }));
      const error = await refusal(asker.request(text, { text: "x" }));
      assert.equal(error.code, "INTERNAL");
      assert.match(error.message, /answer to test\.text as received/);
    },
  },
  {
    name: "request and answer share no object and keep no unknown field",
    async run(world) {
      const bus = await world.connect();
      const message = { text: "as sent", secret: "not in the schema" };
      let received: unknown;
      await bus.respond(text, (got) => {
        received = got;
        return got;
      });
      const reply = await bus.request(text, message);
      assert.deepEqual(received, { text: "as sent" });
      assert.notEqual(reply, received);
    },
  },
  {
    name: "request carries 500 kB both ways",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      await responder.respond(text, (message) => message);
      const long = "é".repeat(250_000);
      assert.equal((await asker.request(text, { text: long })).text, long);
    },
  },
  {
    name: "a message above the server's maximum is refused with its size",
    async run(world) {
      const [asker, responder] = [await world.connect(), await world.connect()];
      // More than any server of ours takes: they are started with 8 MB.
      const longer = "x".repeat(9_000_000);
      await responder.respond(text, () => ({ text: longer }));
      for (const asked of [asker.request(text, { text: longer }), asker.request(text, { text: "short" })]) {
        const error = await refusal(asked);
        assert.equal(error.code, "INTERNAL");
        assert.match(error.message, /test\.text has 90000\d\d bytes/);
      }
    },
  },
];

const hearing: BusCase[] = [
  {
    name: "publish reaches every subscriber, in order",
    async run(world) {
      const publisher = await world.connect();
      const heard = [collector<number>(3), collector<number>(3)];
      for (const { put } of heard) await (await world.connect()).subscribe(rang, ({ n }) => put(n));
      for (const n of [1, 2, 3]) publisher.publish(rang, { n });
      for (const { all } of heard) assert.deepEqual(await all, [1, 2, 3]);
    },
  },
  {
    name: "publish drops an invalid message at the sender, subscribe at the receiver, and a handler that throws stops nothing",
    async run(world) {
      const [publisher, subscriber] = [await world.connect(), await world.connect()];
      const heard = collector<number>(2);
      await subscriber.subscribe(rang, ({ n }) => {
        heard.put(n);
        throw new Error("handler failed");
      });
      publisher.publish(rang, { n: 0.5 });
      publisher.publish(looseRang, { n: "not a number" });
      publisher.publish(rang, { n: 1 });
      publisher.publish(rang, { n: 2 });
      assert.deepEqual(await heard.all, [1, 2]);
    },
  },
  {
    name: "publish without a subscriber is no error",
    async run(world) {
      (await world.connect()).publish(rang, { n: 1 });
    },
  },
];

const closing: BusCase[] = [
  {
    name: "close waits for handlers, which may still ask and answer",
    async run(world) {
      const [asker, responder, other] = [await world.connect(), await world.connect(), await world.connect()];
      await other.respond(text, (message) => message);
      const [hold, reached] = [deferred<void>(), deferred<void>()];
      await responder.respond(double, async ({ n }) => {
        reached.resolve();
        await hold.promise;
        return { n, by: (await responder.request(text, { text: "still here" })).text };
      });
      const asked = asker.request(double, { n: 1 });
      await reached.promise;
      let closed = false;
      const closing = responder.close().then(() => {
        closed = true;
      });
      await asker.request(text, { text: "a round trip" });
      assert.equal(closed, false);
      hold.resolve();
      assert.equal((await asked).by, "still here");
      await closing;
    },
  },
  {
    name: "request rejects with UNAVAILABLE after close, and publish is dropped",
    async run(world) {
      const bus = await world.connect();
      await bus.close();
      await bus.close();
      assert.equal((await refusal(bus.request(double, { n: 1 }))).code, "UNAVAILABLE");
      assert.equal((await refusal(bus.respond(double, ({ n }) => ({ n, by: "x" })))).code, "UNAVAILABLE");
      bus.publish(rang, { n: 1 });
    },
  },
];

/** What every bus does. */
export const busConformance: readonly BusCase[] = [...asking, ...checking, ...hearing, ...closing];
