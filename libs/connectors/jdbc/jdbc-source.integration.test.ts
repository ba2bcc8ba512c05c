import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Decimal, type SourceRecord, type Struct } from "@millrace/connect";
import { JdbcSource } from "./plugin.ts";
import { createTestDatabase, startSource } from "./testing/jdbc-fixture.ts";

const db = await createTestDatabase("source");
after(() => db.drop());
const incrementing = { ...db.config, mode: "incrementing", "incrementing.column.name": "id" };
const ids = (records: readonly SourceRecord[]) => records.map((record) => Number((record.value as Struct).get("id")));
const fields = (record: SourceRecord | undefined) => {
  const row = record!.value as Struct;
  return Object.fromEntries(row.schema.fields.map((field) => [field.name, row.get(field)]));
};

test("JdbcSource gives new rows in order of id, with Confluent's partition, offset and topic", async () => {
  await db.sql`CREATE TABLE orders (id bigserial PRIMARY KEY, customer text NOT NULL, amount numeric(12,2))`;
  await db.sql`INSERT INTO orders (customer, amount) SELECT 'c' || g, g / 4.0 FROM generate_series(1, 5000) g`;
  const source = await startSource({ ...incrementing, "table.whitelist": "orders", "batch.max.rows": "700" });
  const records = await source.poll(5000);
  assert.deepEqual(
    ids(records),
    Array.from({ length: 5000 }, (_, i) => i + 1),
  );
  const { sourcePartition, sourceOffset, topic, valueSchema } = records[6]!;
  assert.deepEqual(sourcePartition, { protocol: "1", table: `${db.database}.public.orders` });
  assert.deepEqual([sourceOffset, topic, valueSchema?.name], [{ incrementing: 7 }, "pg-orders", "orders"]);
  assert.deepEqual(fields(records[6]), { id: 7, customer: "c7", amount: new Decimal(175, 2) });
  await db.sql`INSERT INTO orders (customer) VALUES ('late')`;
  assert.deepEqual(fields((await source.poll(1))[0]), { id: 5001, customer: "late", amount: null });
  await source.stop();
  const resumed = await startSource({ ...incrementing, "table.whitelist": "orders" }, { incrementing: 4999 });
  assert.deepEqual(ids(await resumed.poll(2)), [5000, 5001]);
  await resumed.stop();
});

test("JdbcSource maps Postgres types to Connect types", async () => {
  await db.sql.unsafe(`CREATE TYPE mood AS ENUM ('calm', 'wild')`);
  await db.sql.unsafe(`CREATE TABLE kinds (id int GENERATED ALWAYS AS IDENTITY, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8,
    ok bool, t text, v varchar(9), c char(3), u uuid, j json, jb jsonb, b bytea, d date, tm time, tz timetz, ts timestamp,
    tstz timestamptz, n numeric(20,3), whole numeric, m mood, cash money, bit1 bit(1), arr int[], ip inet)`);
  await db.sql.unsafe(`INSERT INTO kinds (i2, i4, i8, f4, f8, ok, t, v, c, u, j, jb, b, d, tm, tz, ts, tstz, n, whole, m, cash, bit1, arr, ip)
    VALUES (-7, 70000, 9007199254740993, 1.5, -2.25e-7, true, 'grüße ' || repeat('日', 40), 'é', 'ab', '0e37df36-f698-11e6-8dd4-cb9ced3df976',
    '{"a": 1}', '{"b":2}', '\\xdeadbeef', '1969-12-31', '13:45:10.25', '13:45:10+02', '2024-02-29 12:34:56.789123', '1950-01-02 03:04:05.5+05',
    -12345678901234567.891, 12345678901234567890, 'wild', 12.5, B'1', '{1,2}', '::1'), (${"NULL,".repeat(24)} NULL)`);
  const source = await startSource({ ...incrementing, "incrementing.column.name": "", "table.whitelist": "kinds" });
  const [full, empty] = await source.poll(2);
  assert.deepEqual(fields(full), {
    id: 1,
    i2: -7,
    i4: 70000,
    i8: 9007199254740993n,
    f4: 1.5,
    f8: -2.25e-7,
    ok: true,
    t: `grüße ${"日".repeat(40)}`,
    v: "é",
    c: "ab ",
    u: "0e37df36-f698-11e6-8dd4-cb9ced3df976",
    j: '{"a": 1}',
    jb: '{"b": 2}',
    b: Buffer.from("deadbeef", "hex"),
    d: new Date("1969-12-31T00:00:00Z"),
    tm: new Date(49510250),
    tz: new Date(42310000),
    ts: new Date("2024-02-29T12:34:56.789Z"),
    tstz: new Date("1950-01-01T22:04:05.500Z"),
    n: new Decimal(-12345678901234567891n, 3),
    whole: new Decimal(12345678901234567890n, 0),
    m: "wild",
    cash: 12.5,
    bit1: true,
  });
  const { id, ...rest } = fields(empty);
  assert.equal(id, 2);
  assert.ok(Object.values(rest).every((value) => value === null));
  for (const record of [full, empty]) (record!.value as Struct).validate();
  assert.ok(source.warnings.includes("Columns of types that have no Connect type are left out."));
  await source.stop();
});

test("JdbcSource follows a changed table", async () => {
  await db.sql`CREATE TABLE grows (id serial, a text)`;
  await db.sql`INSERT INTO grows (a) VALUES ('x')`;
  const source = await startSource({ ...incrementing, "table.whitelist": "grows" });
  assert.deepEqual(fields((await source.poll(1))[0]), { id: 1, a: "x" });
  await db.sql`ALTER TABLE grows DROP COLUMN a, ADD COLUMN b int`;
  await db.sql`INSERT INTO grows (b) VALUES (5)`;
  assert.deepEqual(fields((await source.poll(1))[0]), { id: 2, b: 5 });
  await source.stop();
});

test("JdbcSource in bulk mode gives whole tables again and again, without offsets", async () => {
  await db.sql`CREATE TABLE whole AS SELECT g AS id FROM generate_series(1, 2500) g`;
  const source = await startSource({ ...db.config, mode: "bulk", "table.include.list": "public\\.whole" });
  const records = await source.poll(5000);
  const all = Array.from({ length: 2500 }, (_, i) => i + 1);
  assert.deepEqual(ids(records), [...all, ...all]);
  assert.equal(records[0]?.sourceOffset, null);
  await source.stop();
});

test("JdbcSource connects again after its connection was cut, and loses nothing", async () => {
  await db.sql`CREATE TABLE cut (id serial)`;
  await db.sql`INSERT INTO cut SELECT FROM generate_series(1, 100)`;
  const source = await startSource({ ...incrementing, "table.whitelist": "cut", "batch.max.rows": "10" });
  const first = await source.poll(30);
  await db.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'millrace-jdbc-source' AND datname = ${db.database}`;
  const rest: SourceRecord[] = [];
  while (rest.length < 70) {
    try {
      rest.push(...(await source.poll(1)));
    } catch (error) {
      assert.equal((error as { retriable?: boolean }).retriable, true, String(error));
    }
  }
  assert.deepEqual(
    ids([...first, ...rest]),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  await source.stop();
});

test("JdbcSource never skips rows that commit out of order, and gives each once", async () => {
  await db.sql`CREATE TABLE busy (id bigserial PRIMARY KEY, writer int)`;
  const source = await startSource({ ...incrementing, "table.whitelist": "busy", "poll.interval.ms": "1" });
  let writing = true;
  let seed = 7;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const writer = async (number: number) => {
    for (let i = 0; i < 60; i++) {
      await db.sql
        .begin(async (sql) => {
          if (random() < 0.3) await sql`SELECT nextval('busy_id_seq')`;
          const taken = random() < 0.3 ? (await sql`SELECT nextval('busy_id_seq') AS id`)[0]!.id : null;
          if (random() < 0.5) await sql`SELECT pg_sleep(${random() * 0.02})`;
          if (taken !== null) await sql`INSERT INTO busy VALUES (${taken}, ${number})`;
          else
            await sql`INSERT INTO busy (writer) SELECT ${number} FROM generate_series(1, ${1 + Math.floor(random() * 5)})`;
          if (random() < 0.5) await sql`SELECT pg_sleep(${random() * 0.02})`;
          if (random() < 0.2) throw new Error("rolled back");
        })
        .catch((error: Error) => assert.equal(error.message, "rolled back"));
    }
  };
  const writers = Promise.all(Array.from({ length: 8 }, (_, i) => writer(i))).then(() => {
    writing = false;
  });
  const read = await source.poll(Number.POSITIVE_INFINITY, () => !writing);
  await writers;
  const there = (await db.sql`SELECT id FROM busy ORDER BY id`).map((row) => Number(row.id));
  let polls = 0;
  read.push(...(await source.poll(there.length - read.length, () => ++polls > 500)));
  assert.deepEqual(ids(read), there);
  await source.stop();
});

test("JdbcSource waits for an id that was taken but not yet inserted, and not for writers of other tables", async () => {
  await db.sql`CREATE TABLE held (id bigserial PRIMARY KEY)`;
  await db.sql`CREATE TABLE unrelated (id bigserial PRIMARY KEY)`;
  const slow = await db.sql.reserve();
  const other = await db.sql.reserve();
  await other`BEGIN`;
  await other`INSERT INTO unrelated DEFAULT VALUES`;
  await slow`BEGIN`;
  const [taken] = await slow`SELECT nextval('held_id_seq') AS id`;
  await db.sql`INSERT INTO held DEFAULT VALUES`;
  const source = await startSource({ ...incrementing, "table.whitelist": "held" });
  let polls = 0;
  assert.deepEqual(await source.poll(1, () => ++polls > 8), []);
  await slow`INSERT INTO held VALUES (${taken!.id})`;
  await slow`COMMIT`;
  assert.deepEqual(ids(await source.poll(2)), [1, 2]);
  await other`ROLLBACK`;
  slow.release();
  other.release();
  await source.stop();
});

test("JdbcSource without the guard reads what is committed", async () => {
  await db.sql`CREATE TABLE loose (id bigserial PRIMARY KEY)`;
  const slow = await db.sql.reserve();
  await slow`BEGIN`;
  await slow`INSERT INTO loose DEFAULT VALUES`;
  await db.sql`INSERT INTO loose DEFAULT VALUES`;
  const source = await startSource({
    ...incrementing,
    "table.whitelist": "loose",
    "millrace.in.flight.guard": "false",
  });
  assert.deepEqual(ids(await source.poll(1)), [2]);
  await slow`ROLLBACK`;
  slow.release();
  await source.stop();
});

test("JdbcSource validation reports connection trouble on the connection's keys, without secrets", async () => {
  const config = { ...incrementing, "connection.url": `${db.config["connection.url"]}_none?password=hunter2` };
  const problems = (await JdbcSource.validate!(config)) ?? [];
  assert.deepEqual(
    problems.map((problem) => problem.name),
    ["connection.url", "connection.user", "connection.password"],
  );
  assert.match(problems[0]!.message, /^Could not connect to database\. .*does not exist/);
  assert.doesNotMatch(problems[0]!.message, /hunter2/);
  assert.deepEqual(await JdbcSource.validate!(incrementing), []);
});

test("JdbcSource refuses columns that cannot be increment columns, as Confluent's connector does", async () => {
  await db.sql`CREATE TABLE poor (id int, name text NOT NULL)`;
  const start = (column: string) =>
    startSource({ ...incrementing, "table.whitelist": "poor", "incrementing.column.name": column });
  await assert.rejects(start("id"), /using incrementing column id on poor because this column is nullable\./);
  await assert.rejects(start("name"), /Invalid type for incrementing column: STRING/);
  await assert.rejects(start("nope"), /Incrementing column: nope does not exist in table 'poor'/);
});
