import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryHub } from "@millrace/bus";
import { openPostgres, schemaName } from "@millrace/postgres";
import { type Clock, systemClock } from "@millrace/time";
import { createScheduler } from "./scheduler.ts";
import { openPostgresStore } from "./store-postgres.ts";
import { quiet, ScriptedConfig, ScriptedRunner } from "./testing/scripted-cluster.ts";

const url = process.env.DATABASE_URL;
assert.ok(url, "DATABASE_URL must name a Postgres server on which databases can be created");
const database = `millrace_scheduler_clock_test_${process.pid}`;
/** Far above what a write takes, and bounded: a write that Postgres refuses is tried again for ever. */
const RUNS_WITHIN_MS = 15_000;
const pool = { maxConnections: 4, applicationName: "millrace-test" };

test("createScheduler on Postgres and the system's clocks: it counts by the one that nobody sets, and stores when a runner was heard by the other", async (t) => {
  const admin = await openPostgres(url, pool);
  await admin.sql`create database ${admin.sql(database)}`;
  const postgres = await openPostgres(Object.assign(new URL(url), { pathname: `/${database}` }).href, pool);
  const store = await openPostgresStore(postgres, schemaName("clocks"));
  const hub = new MemoryHub({ clock: systemClock });
  const config = new ScriptedConfig(hub.connect("config"));
  await config.start();
  const options = { leaseRetryMs: 20, resyncIntervalMs: 20 };
  const bus = hub.connect("scheduler");
  // Two readings never lie whole milliseconds apart.
  let readings = 0;
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => Math.floor(systemClock.monotonicMs()) + ++readings * 0.001,
  };
  const scheduler = createScheduler({ bus, store, clock, random: () => 0.5, logger: quiet, options });
  t.after(async () => {
    await scheduler.stop();
    await store.close();
    await admin.sql`drop database ${admin.sql(database)} with (force)`;
    await admin.close();
  });
  const fromMs = systemClock.nowMs();
  await scheduler.start();
  const runner = new ScriptedRunner(hub.connect("r1"), "r1", []);
  await runner.start();
  config.put("a");
  while (!runner.running.has("a")) {
    assert.ok(systemClock.nowMs() - fromMs < RUNS_WITHIN_MS, "nothing runs: the store takes no writes");
    await runner.beat();
    await systemClock.sleep(20);
  }
  const stored = (await store.load()).runners.get("r1")!;
  assert.ok(Number.isInteger(stored.heartbeatMs));
  assert.ok(stored.heartbeatMs >= fromMs - 1 && stored.heartbeatMs <= systemClock.nowMs() + 1, `${stored.heartbeatMs}`);
});
