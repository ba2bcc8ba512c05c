import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPostgres, type Postgres, schemaName } from "@millrace/postgres";
import { noChanges, storeCases } from "./store.conformance.ts";
import { openPostgresStore } from "./store-postgres.ts";

const url = process.env.DATABASE_URL;
assert.ok(url, "DATABASE_URL must name a Postgres server on which databases can be created");
const database = `millrace_scheduler_test_${process.pid}`;
const ownUrl = Object.assign(new URL(url), { pathname: `/${database}` }).href;
const options = { maxConnections: 4, applicationName: "millrace-test" };

before(async () => {
  const { sql, close } = await openPostgres(url, options);
  await sql`create database ${sql(database)}`;
  await close();
});

after(async () => {
  const { sql, close } = await openPostgres(url, options);
  await sql`drop database ${sql(database)} with (force)`;
  await close();
});

async function withPostgres(run: (postgres: Postgres) => Promise<void>): Promise<void> {
  const postgres = await openPostgres(ownUrl, options);
  try {
    await run(postgres);
  } finally {
    await postgres.close();
  }
}

for (const [index, { name, run }] of storeCases.entries()) {
  test(`openPostgresStore: ${name}`, () =>
    withPostgres(async (postgres) => {
      // The lease runs on the database's clock, which only passes by passing.
      const pass = async (ms: number) => void (await postgres.sql`select pg_sleep(${ms / 1000})`);
      await run({ store: await openPostgresStore(postgres, schemaName(`case${index}`)), pass });
    }));
}

test("openPostgresStore: of many that acquire at once exactly one gets the lease, each time", () =>
  withPostgres(async (postgres) => {
    const store = await openPostgresStore(postgres, schemaName("race"));
    for (let round = 1; round <= 5; round++) {
      const leases = await Promise.all(Array.from({ length: 8 }, (_, index) => store.acquire(`h${index}`, 60_000)));
      const won = leases.filter((lease) => lease !== null);
      assert.deepEqual(
        won.map(({ epoch }) => epoch),
        [round],
      );
      await store.release(won[0]!);
    }
  }));

test("openPostgresStore: acquire waits for a write of the old holder that has begun, and none follows it (I7)", () =>
  withPostgres(async (postgres) => {
    const schema = schemaName("overtake");
    const store = await openPostgresStore(postgres, schema);
    const old = (await store.acquire("old", 1))!;
    const other = await openPostgres(ownUrl, options);
    let acquired: Promise<unknown> = Promise.resolve();
    await postgres.sql.begin(async (tx) => {
      await tx`select 1 from ${tx(schema)}.scheduler_lease where epoch = ${old.epoch} for share`;
      const rival = await openPostgresStore(other, schema);
      let isDone = false;
      acquired = rival.acquire("new", 60_000).then((lease) => {
        isDone = true;
        assert.equal(lease?.epoch, 2);
      });
      const waiting = () => postgres.sql`
        select 1 from pg_stat_activity where datname = ${database} and wait_event_type = 'Lock'`;
      while ((await waiting()).length === 0) assert.equal(isDone, false);
      assert.equal(isDone, false);
    });
    await acquired;
    const state = { connector: "c", generation: 1, tasksVersion: 1, taskCountRecord: 1, fencedGeneration: 1 };
    assert.equal(await store.commit(old, { ...noChanges, connectors: [state] }), false);
    assert.equal((await store.load()).connectors.size, 0);
    await other.close();
  }));

test("openPostgresStore: texts with NUL characters and half a surrogate pair are stored, as Postgres can hold them", () =>
  withPostgres(async (postgres) => {
    const store = await openPostgresStore(postgres, schemaName("nul"));
    const lease = (await store.acquire("one", 60_000))!;
    const status = { connector: "c", task: 0, state: "FAILED", runner: "r", workerId: "w", version: null } as const;
    const restarts = { count: 1, reason: "fatal: 🚀 a\u0000b \ud83d", nextMs: null };
    const written = { ...status, trace: "a\u0000b \\u0000", generation: 1, restart: 0, restarts };
    await store.commit(lease, { ...noChanges, statuses: [written] });
    const [stored] = await store.statusesOf("c");
    assert.deepEqual([stored?.trace, stored?.restarts?.reason], ["a\ufffdb \\u0000", "fatal: 🚀 a\ufffdb \ufffd"]);
  }));

test("openPostgresStore: an error says what happened and shows no trace of what was to be stored", () =>
  withPostgres(async (postgres) => {
    const schema = schemaName("broken");
    const store = await openPostgresStore(postgres, schema);
    const lease = (await store.acquire("one", 60_000))!;
    await postgres.sql`drop table ${postgres.sql(schema)}.scheduler_status`;
    const status = { connector: "c", task: 0, state: "FAILED", runner: "r", workerId: "w", version: null } as const;
    const written = { ...status, trace: "s3cret", generation: 1, restart: 0, restarts: null };
    await assert.rejects(store.commit(lease, { ...noChanges, statuses: [written] }), (error: Error) => {
      assert.match(error.message, /^The scheduler database could not be written: .* does not exist \(42P01\)/);
      assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error.cause)}`, /s3cret/);
      return true;
    });
    await assert.rejects(store.statusesOf("c"), {
      code: "INTERNAL",
      message: /^The scheduler database could not be read/,
    });
  }));

test("openPostgresStore: without Postgres, whoever asks is told that it is not available", async () => {
  const postgres = await openPostgres(ownUrl, options);
  const store = await openPostgresStore(postgres, schemaName("away"));
  await postgres.close();
  for (const call of [() => store.statusesOf("c"), () => store.topicsOf("c"), () => store.acquire("one", 1)]) {
    await assert.rejects(call(), { code: "UNAVAILABLE", message: /^The scheduler database could not be/ });
  }
});
