import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPostgres, schemaName } from "@millrace/postgres";
import { type Clock, systemClock, VirtualClock } from "@millrace/time";
import { LeaseLoop } from "./lease.ts";
import { noChanges } from "./store.conformance.ts";
import type { Lease, SchedulerStore } from "./store.ts";
import { openPostgresStore } from "./store-postgres.ts";
import { quiet } from "./testing/scripted-cluster.ts";

const url = process.env.DATABASE_URL;
assert.ok(url, "DATABASE_URL must name a Postgres server on which databases can be created");
const database = `millrace_lease_test_${process.pid}`;
const ownUrl = Object.assign(new URL(url), { pathname: `/${database}` }).href;
const pool = { maxConnections: 4, applicationName: "millrace-test" };

before(async () => {
  const { sql, close } = await openPostgres(url, pool);
  await sql`create database ${sql(database)}`;
  await close();
});

after(async () => {
  const { sql, close } = await openPostgres(url, pool);
  await sql`drop database ${sql(database)} with (force)`;
  await close();
});

function contender(holder: string, clock: Clock, store: SchedulerStore) {
  let ended = () => {};
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  let loop: LeaseLoop | null = null;
  const leading = new Promise<Lease>((resolve) => {
    const lead = (lease: Lease) => {
      resolve(lease);
      return async () => ended();
    };
    const options = { leaseMs: 150, leaseRetryMs: 20 };
    loop = new LeaseLoop({ store, clock, logger: quiet, options, holder, lead });
    loop.start();
  });
  return { loop: loop!, leading, over };
}

test("LeaseLoop on Postgres: a leader that does not renew is followed by another, and can write no more (I7)", async () => {
  const store = await openPostgresStore(await openPostgres(ownUrl, pool), schemaName("pause"));
  const rival = await openPostgresStore(await openPostgres(ownUrl, pool), schemaName("pause"));
  const paused = new VirtualClock();
  const first = contender("one", paused, store);
  const old = await first.leading;
  const state = { connector: "c", generation: 1, tasksVersion: 1, taskCountRecord: 1, fencedGeneration: 1 };
  assert.equal(await store.commit(old, { ...noChanges, connectors: [state] }), true);
  const second = contender("two", systemClock, rival);
  const lease = await second.leading;
  assert.equal(lease.epoch, old.epoch + 1);
  assert.equal(await store.commit(old, { ...noChanges, connectors: [{ ...state, generation: 2 }] }), false);
  assert.equal((await rival.load()).connectors.get("c")?.generation, 1);
  await paused.advance(100);
  await first.over;
  const stopped = first.loop.stop();
  await second.loop.stop();
  await stopped;
  await Promise.all([store.close(), rival.close()]);
});
