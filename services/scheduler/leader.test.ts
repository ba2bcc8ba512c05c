import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryHub } from "@millrace/bus";
import { VirtualClock } from "@millrace/time";
import { Leader } from "./leader.ts";
import { defaultOptions } from "./model.ts";
import { MemoryStore } from "./store-memory.ts";
import { ScriptedConfig } from "./testing/scripted-cluster.ts";

/** A leader alone on a hub: nobody answers until a test starts it. */
async function open() {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock });
  const store = new MemoryStore(clock);
  const lease = await store.acquire("s", 60_000);
  const lines: string[] = [];
  const write = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger = { debug() {}, info: write("info"), warn: write("warn"), error: write("error") };
  const leader = new Leader({
    bus: hub.connect(),
    store,
    clock,
    random: () => 0.5,
    logger,
    options: defaultOptions,
    lease: lease!,
    leaseLost() {},
  });
  return { clock, hub, leader, lines };
}

test("Leader waits for the config service with one line, and warns of it only once it has answered", async () => {
  const { clock, hub, leader, lines } = await open();
  await leader.start();
  await clock.advance(5_000);
  assert.deepEqual(lines, ["info Waiting for the config service"]);
  const bus = hub.connect();
  await new ScriptedConfig(bus).start();
  await clock.advance(2_000);
  assert.equal(lines.length, 1);
  await bus.close();
  await clock.advance(1_000);
  assert.match(lines[1] ?? "", /^warn The config service cannot be read/);
  await Promise.all([leader.stop(), clock.advance(1_000)]);
});
