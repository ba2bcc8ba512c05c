import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { migrate, openPostgres, type PostgresOpenError, schemaName } from "./mod.ts";

const url = process.env.DATABASE_URL;
assert.ok(url, "DATABASE_URL must name a Postgres server on which databases can be created");
const database = `millrace_postgres_test_${process.pid}`;
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

const migrations = [
  { id: "0001", sql: "create table fruit (name text); insert into fruit values ('pear');" },
  { id: "0002", sql: "alter table fruit add column kilos int;" },
];

test("migrate runs each migration once when several processes start together, and again when there are more", async () => {
  const pools = await Promise.all(Array.from({ length: 4 }, () => openPostgres(ownUrl, options)));
  try {
    const schema = schemaName("Cluster 1");
    const ran = await Promise.all(
      pools.flatMap(({ sql }) => [
        migrate(sql, { schema, service: "fruit", migrations: migrations.slice(0, 1) }),
        migrate(sql, { schema, service: "other", migrations: [] }),
      ]),
    );
    assert.deepEqual(ran.flat(), ["0001"]);
    const { sql } = pools[0]!;
    assert.deepEqual(await migrate(sql, { schema, service: "fruit", migrations }), ["0002"]);
    assert.deepEqual([...(await sql`select * from ${sql(schema)}.fruit`)], [{ name: "pear", kilos: null }]);
    assert.deepEqual(await migrate(sql, { schema, service: "fruit", migrations: migrations.slice(0, 1) }), []);
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
});

test("migrate leaves nothing behind when a migration fails, and refuses a foreign history", async () => {
  const { sql, close } = await openPostgres(ownUrl, options);
  try {
    const broken = [...migrations, { id: "0003", sql: "create table a (); create table a ();" }];
    await assert.rejects(migrate(sql, { schema: "broken", service: "fruit", migrations: broken }), { code: "42P07" });
    assert.equal((await sql`select 1 from pg_namespace where nspname = 'broken'`).length, 0);
    await migrate(sql, { schema: "renamed", service: "fruit", migrations });
    const renamed = [{ id: "0001-other", sql: "" }];
    await assert.rejects(migrate(sql, { schema: "renamed", service: "fruit", migrations: renamed }), {
      code: "MIGRATION_MISMATCH",
    });
  } finally {
    await close();
  }
});

test("openPostgres says which database and what to do, never the password, and does not retry a refusal", async () => {
  const missing = Object.assign(new URL(url), { pathname: "/millrace_no_such", password: "s3cret" }).href;
  const warnings: string[] = [];
  await assert.rejects(
    openPostgres(missing, { ...options, logger: { warn: (message) => warnings.push(message) } }),
    (error: PostgresOpenError) => {
      assert.equal(error.code, "3D000");
      assert.match(error.message, /"millrace_no_such" on Postgres .*: there is no such database; create it/);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    },
  );
  assert.deepEqual(warnings, []);
});

test("openPostgres gives up on a server that does not answer after a bounded number of tries", async () => {
  let tries = 0;
  const logger = { warn: () => tries++ };
  await assert.rejects(openPostgres("postgres://u:s3cret@127.0.0.1:1/x", { ...options, attemptsMax: 3, logger }), {
    code: "ECONNREFUSED",
    retriable: true,
  });
  assert.equal(tries, 2);
});

test("openPostgres stops waiting when aborted", async () => {
  const controller = new AbortController();
  const logger = { warn: () => controller.abort(new Error("enough")) };
  const opening = openPostgres("postgres://u@127.0.0.1:1/x", { ...options, logger, signal: controller.signal });
  await assert.rejects(opening, /enough/);
});

test("openPostgres refuses a URL that is none without repeating it", async () => {
  await assert.rejects(openPostgres("postgres://u:s3cret@:port:/", options), (error: PostgresOpenError) => {
    assert.equal(error.code, "INVALID_URL");
    assert.doesNotMatch(JSON.stringify([error.message, error.cause]), /s3cret/);
    return true;
  });
});
