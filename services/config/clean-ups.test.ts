import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MemoryHub } from "@millrace/bus";
import {
  connectorCleanUp,
  connectorDelete,
  connectorPut,
  connectorSettle,
  ProtocolError,
  pluginValidate,
} from "@millrace/protocol";
import { VirtualClock } from "@millrace/time";
import { createConfig } from "./handlers.ts";
import { atMs, putCommand } from "./store.conformance.ts";
import { openMemoryStore } from "./store-memory.ts";

const valid = {
  infos: { name: "Source", error_count: 0, groups: [], configs: [] },
  type: "source" as const,
  passwords: [] as string[],
};

/** Config services on one store, and a runner that cleans up as told. */
async function setUp(context: TestContext) {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock });
  const store = openMemoryStore();
  const logged: string[] = [];
  const log = (message: string) => void logged.push(message);
  const asked: string[] = [];
  let answer: () => boolean | Promise<boolean> = () => true;
  const bus = hub.connect("runner");
  await bus.respond(pluginValidate, () => valid);
  await bus.respond(connectorSettle, ({ name, deleted }) => {
    asked.push(`settle ${name} ${deleted}`);
    return {};
  });
  const runner = await bus.respond(connectorCleanUp, async ({ connector, config }) => {
    asked.push(`clean up ${connector} ${config.n}`);
    return { cleansUp: await answer() };
  });
  const service = async () => {
    const made = createConfig({ bus: hub.connect("config"), store, clock, logger: { info: log, warn: log } });
    await made.start();
    context.after(() => made.stop());
    return made;
  };
  const put = async (name: string, n: string) => {
    const config = { "connector.class": "C", n };
    await bus.request(connectorPut, { name, config, createOnly: false });
  };
  const remove = (name: string) => bus.request(connectorDelete, { name });
  const answers = (next: typeof answer) => {
    answer = next;
  };
  return { clock, store, logged, asked, answers, service, put, remove, runner };
}

const fails = () => {
  throw new ProtocolError("INTERNAL", "the slot is read");
};

test("a deleted connector is cleaned up after once it is gone, with the last config it had", async (context) => {
  const { clock, store, logged, asked, service, put, remove } = await setUp(context);
  await service();
  await put("a", "1");
  await put("a", "2");
  await remove("a");
  await clock.advance(10);
  assert.deepEqual(asked, ["settle a true", "clean up a 2"]);
  assert.deepEqual(await store.cleanUps(), []);
  assert.equal(logged.at(-1), "Cleaned up after a deleted connector");
  await clock.advance(120_000);
  assert.equal(asked.length, 2);
});

test("what fails is tried again with growing waits, and given up in the end", async (context) => {
  const { clock, store, logged, asked, answers, service, put, remove } = await setUp(context);
  await service();
  await put("a", "1");
  answers(fails);
  await remove("a");
  await clock.advance(10);
  const cleanings = () => asked.filter((each) => each.startsWith("clean up")).length;
  assert.equal(cleanings(), 1);
  await clock.advance(1_000);
  assert.equal(cleanings(), 2);
  await clock.advance(1_000);
  assert.equal(cleanings(), 2);
  for (let minute = 0; minute < 30; minute++) await clock.advance(60_000);
  assert.equal(cleanings(), 20);
  assert.match(logged.at(-1)!, /^Gave up cleaning up .* by hand$/);
  assert.deepEqual(await store.cleanUps(), []);
});

test("a cluster without runners uses up no tries", async (context) => {
  const { clock, store, asked, answers, service, put, remove } = await setUp(context);
  await service();
  await put("a", "1");
  answers(() => {
    throw new ProtocolError("UNAVAILABLE", "there is nobody");
  });
  await remove("a");
  for (let minute = 0; minute < 120; minute++) await clock.advance(60_000);
  assert.equal((await store.cleanUps()).length, 1);
  answers(() => true);
  await clock.advance(60_000);
  assert.deepEqual(await store.cleanUps(), []);
  assert.match(asked.at(-1)!, /^clean up a 1$/);
});

test("a service that ends leaves it to the others, and to the next", async (context) => {
  const { clock, store, asked, answers, service, put, remove } = await setUp(context);
  const first = await service();
  await put("a", "1");
  answers(() => new Promise(() => {}));
  await remove("a");
  await clock.advance(10);
  await first.stop();
  assert.equal((await store.cleanUps()).length, 1);
  answers(() => true);
  await service();
  await clock.advance(29_000);
  assert.equal(asked.filter((each) => each.startsWith("clean up")).length, 1, "who deleted it may be at it");
  await clock.advance(2_000);
  assert.deepEqual(await store.cleanUps(), []);
});

test("more than a store lists at a time are cleaned up after without a pause", async (context) => {
  const { clock, store, asked, service } = await setUp(context);
  for (let n = 0; n < 600; n++) {
    const name = `c${n}`;
    await store.apply(putCommand(name), atMs);
    await store.apply({ kind: "delete", name }, atMs);
  }
  await service();
  await clock.advance(100);
  assert.equal(asked.length, 0);
  await clock.advance(30_000);
  await clock.advance(30_000);
  assert.deepEqual(await store.cleanUps(), []);
  assert.equal(asked.length, 1_200);
});

test("a connector that is back is not cleaned up after", async (context) => {
  const { clock, store, asked, answers, service, put, remove } = await setUp(context);
  await service();
  await put("a", "1");
  answers(fails);
  await remove("a");
  await clock.advance(10);
  await put("a", "2");
  const before = asked.length;
  await clock.advance(120_000);
  assert.equal(asked.length, before);
  assert.equal((await store.get("a"))?.config.n, "2");
});
