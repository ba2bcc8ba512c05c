import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPostgres, type Postgres, schemaName } from "@millrace/postgres";
import { atMs, putCommand, readChanges, storeConformance } from "./store.conformance.ts";
import { historyVersionsMax } from "./store.ts";
import { openPostgresStore } from "./store-postgres.ts";

const url = process.env.DATABASE_URL;
assert.ok(url, "DATABASE_URL must name a Postgres server on which databases can be created");
const database = `millrace_config_test_${process.pid}`;
const ownUrl = Object.assign(new URL(url), { pathname: `/${database}` }).href;
const options = { maxConnections: 5, applicationName: "millrace-config-test" };
let postgres: Postgres;

before(async () => {
  const admin = await openPostgres(url, options);
  await admin.sql`create database ${admin.sql(database)}`;
  await admin.close();
  postgres = await openPostgres(ownUrl, options);
});

after(async () => {
  await postgres.close();
  const admin = await openPostgres(url, options);
  await admin.sql`drop database ${admin.sql(database)} with (force)`;
  await admin.close();
});

for (const [index, { name, run }] of storeConformance.entries()) {
  test(`postgres store: ${name}`, async () => run(await openPostgresStore(postgres, schemaName(`case ${index}`))));
}

test("postgres store: two clusters in one database do not see each other", async () => {
  const a = await openPostgresStore(postgres, schemaName("a"));
  const b = await openPostgresStore(postgres, schemaName("b"));
  await a.apply(putCommand("c"), atMs);
  assert.equal(await b.get("c"), null);
});

test("postgres store: replicas that write at once never make a reader of changes skip one", async () => {
  const pools = await Promise.all(Array.from({ length: 3 }, () => openPostgres(ownUrl, options)));
  try {
    const stores = await Promise.all(pools.map((pool) => openPostgresStore(pool, schemaName("many writers"))));
    const writes = 40;
    const writing = Promise.all(
      stores.map(async (store, writer) => {
        for (let i = 0; i < writes; i++) await store.apply(putCommand(`w${writer}-${i}`), atMs);
      }),
    );
    const seen = new Set<number>();
    let revision = 0;
    let polls = 0;
    const reader = await openPostgresStore(postgres, schemaName("many writers"));
    for (; revision < writes * stores.length; polls++) {
      const page = await reader.changes(revision);
      for (const connector of page.connectors) seen.add(connector.revision);
      assert.equal(seen.size, page.revision, "every revision up to the page's has been seen");
      revision = page.revision;
    }
    await writing;
    assert.ok(polls > 10, "the reader was there while they wrote");
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
});

test("postgres store: of replicas that create one name at once, one does", async () => {
  const store = await openPostgresStore(postgres, schemaName("one name"));
  const creates = Array.from({ length: 5 }, () => store.apply(putCommand("c", {}, { createOnly: true }), atMs));
  const results = await Promise.allSettled(creates);
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal((await readChanges(store)).revision, 1);
});

test("postgres store: keeps the latest versions in history", async () => {
  const store = await openPostgresStore(postgres, schemaName("history"));
  await store.apply(putCommand("c"), atMs);
  await postgres.sql`update ${postgres.sql(schemaName("history"))}.connector set version = ${historyVersionsMax}`;
  await store.apply(putCommand("c"), atMs);
  assert.deepEqual(
    (await store.history("c")).map(({ version }) => version),
    [historyVersionsMax + 1],
  );
});

test("postgres store: an error says what happened and shows no config", async () => {
  const store = await openPostgresStore(postgres, schemaName("broken"));
  await postgres.sql`drop table ${postgres.sql(schemaName("broken"))}.connector_history`;
  await assert.rejects(
    store.apply(putCommand("c", { password: "s3cret" }), atMs),
    (error: Error & { code: string }) => {
      assert.equal(error.code, "INTERNAL");
      assert.match(error.message, /could not be written: relation .* does not exist \(42P01\)\. Whether .* not known/);
      assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error.cause)}`, /s3cret/);
      return true;
    },
  );
  assert.equal(await store.get("c"), null);
});

test("postgres store: a lost connection is UNAVAILABLE, and the next call opens another", async () => {
  const pool = await openPostgres(ownUrl, { ...options, maxConnections: 1, applicationName: "millrace-victim" });
  try {
    const store = await openPostgresStore(pool, schemaName("victim"));
    await postgres.sql.begin(async (tx) => {
      await tx`select 1 from ${tx(schemaName("victim"))}.config_revision for update`;
      const applying = assert.rejects(store.apply(putCommand("c"), atMs), { code: "UNAVAILABLE", retriable: true });
      let killed = 0;
      while (killed === 0) {
        const rows = await postgres.sql`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'millrace-victim' and wait_event_type = 'Lock'`;
        killed = rows.length;
      }
      await applying;
    });
    assert.equal((await store.apply(putCommand("c"), atMs)).connector.revision, 1);
  } finally {
    await pool.close();
  }
});
