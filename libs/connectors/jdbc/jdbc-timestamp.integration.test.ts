import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { OffsetMap, SourceRecord, Struct } from "@millrace/connect";
import { createTestDatabase, startSource } from "./testing/jdbc-fixture.ts";

const db = await createTestDatabase("timestamp");
after(() => db.drop());
const byTime = { ...db.config, mode: "timestamp", "timestamp.column.name": "at" };
const byBoth = { ...byTime, mode: "timestamp+incrementing", "incrementing.column.name": "id" };
const byQuery = { ...db.config, "topic.prefix": "answers" };
const valuesOf = (records: readonly SourceRecord[], name = "id") =>
  records.map((record) => Number((record.value as Struct).get(name)));
const MS = Date.parse("2024-02-29T12:34:56.789Z");

test("JdbcSource in mode timestamp gives new and changed rows, with Confluent's offsets", async () => {
  await db.sql`CREATE TABLE people (id int PRIMARY KEY, name text, at timestamptz NOT NULL)`;
  await db.sql`INSERT INTO people VALUES (1, 'a', '2024-02-29 12:34:56.789123+00'), (2, 'b', '2024-03-01')`;
  const source = await startSource({ ...byTime, "table.whitelist": "people" });
  const records = await source.poll(2);
  assert.deepEqual(valuesOf(records), [1, 2]);
  assert.deepEqual(records[0]!.sourcePartition, { protocol: "1", table: `${db.database}.public.people` });
  assert.deepEqual(records[0]!.sourceOffset, { timestamp: MS, timestamp_nanos: 789_123_000 });
  assert.deepEqual((records[0]!.value as Struct).get("at"), new Date(MS));
  await db.sql`UPDATE people SET name = 'changed', at = now() WHERE id = 1`;
  assert.deepEqual(valuesOf(await source.poll(1)), [1]);
  await source.stop();
  const resumed = await startSource(
    { ...byTime, "table.whitelist": "people" },
    { timestamp: MS, timestamp_nanos: 789_122_000 },
  );
  assert.deepEqual(valuesOf(await resumed.poll(2)), [2, 1]);
  await resumed.stop();
});

test("JdbcSource in mode timestamp+incrementing tells rows of one timestamp apart by id", async () => {
  await db.sql`CREATE TABLE both_marks (id bigserial PRIMARY KEY, at timestamp(3) NOT NULL)`;
  await db.sql`INSERT INTO both_marks (at) SELECT '2024-02-29 12:34:56.789' FROM generate_series(1, 5)`;
  const config = { ...byBoth, "table.whitelist": "both_marks", "batch.max.rows": "2" };
  const source = await startSource(config);
  const records = await source.poll(5);
  const offset = { incrementing: 3, timestamp: MS, timestamp_nanos: 789_000_000 };
  assert.deepEqual([valuesOf(records), records[2]!.sourceOffset], [[1, 2, 3, 4, 5], offset]);
  await source.stop();
  const resumed = await startSource(config, offset);
  assert.deepEqual(valuesOf(await resumed.poll(2)), [4, 5]);
  await resumed.stop();
});

test("JdbcSource goes on exactly after any record, however many rows share a timestamp", async () => {
  await db.sql`CREATE TABLE ties (code text, part int, n int, at timestamptz NOT NULL, PRIMARY KEY (code, part))`;
  await db.sql`INSERT INTO ties SELECT 'it''s ' || (g % 3), g, g, '2024-01-01'::timestamptz + (g / 9) * interval '1 s'
    FROM generate_series(1, 40) g`;
  const config = { ...byTime, "table.whitelist": "ties", "batch.max.rows": "4" };
  const source = await startSource(config);
  const records = await source.poll(40);
  const all = valuesOf(records, "n");
  await source.stop();
  assert.equal(new Set(all).size, 40);
  for (let i = 0; i < 39; i += 1) {
    const resumed = await startSource(config, records[i]!.sourceOffset);
    assert.deepEqual(valuesOf(await resumed.poll(39 - i), "n"), all.slice(i + 1), `after record ${i}`);
    await resumed.stop();
  }
});

test("JdbcSource gives rows of one timestamp in one batch where no primary key tells them apart", async () => {
  await db.sql`CREATE TABLE bare (n int, at timestamptz NOT NULL)`;
  await db.sql`INSERT INTO bare SELECT g, '2024-01-01'::timestamptz + (g / 9) * interval '1 s' FROM generate_series(1, 40) g`;
  const config = { ...byTime, "table.whitelist": "bare", "batch.max.rows": "4" };
  for (const suffix of ["", "LIMIT 5"]) {
    const seen: number[] = [];
    let offset: OffsetMap | null = null;
    while (seen.length < 40) {
      const source = await startSource({ ...config, "query.suffix": suffix }, offset);
      let batch: readonly SourceRecord[] = [];
      while (batch.length === 0) batch = (await source.task.poll()) ?? [];
      await source.stop();
      seen.push(...valuesOf(batch, "n"));
      offset = batch.at(-1)!.sourceOffset;
    }
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  }
});

test("JdbcSource takes the first of several timestamps, in db.timezone, with timestamp.initial", async () => {
  await db.sql`CREATE TABLE several (id int, updated timestamp, created date NOT NULL, at timestamptz)`;
  await db.sql`INSERT INTO several VALUES (1, NULL, '2024-01-01', NULL), (2, '2024-01-02 00:30', '2020-01-01', NULL),
    (3, NULL, '2020-01-01', '2024-01-01 23:45+00'), (4, NULL, '2023-01-01', NULL)`;
  const source = await startSource({
    ...byTime,
    "table.whitelist": "several",
    "timestamp.column.name": "updated, AT, created",
    "timestamp.initial": String(Date.parse("2023-06-01T00:00:00Z")),
    "db.timezone": "Europe/Berlin",
  });
  const records = await source.poll(3);
  assert.deepEqual(valuesOf(records), [1, 2, 3]);
  assert.equal(records[1]!.sourceOffset?.timestamp, Date.parse("2024-01-01T23:30:00Z"));
  await source.stop();
});

test("JdbcSource with timestamp.initial -1 begins now, and with a delay stays behind", async () => {
  await db.sql`CREATE TABLE late (id int, at timestamptz NOT NULL DEFAULT clock_timestamp())`;
  await db.sql`INSERT INTO late VALUES (1)`;
  const config = { ...byTime, "table.whitelist": "late", "timestamp.initial": "-1" };
  const source = await startSource({ ...config, "timestamp.delay.interval.ms": "700" });
  await db.sql`INSERT INTO late VALUES (2)`;
  const before = Date.now();
  assert.deepEqual(valuesOf(await source.poll(1)), [2]);
  assert.ok(Date.now() - before >= 600);
  await source.stop();
});

test("JdbcSource waits for a transaction that began before the timestamps it would pass", async () => {
  await db.sql`CREATE TABLE begun (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`;
  const slow = await db.sql.reserve();
  await slow`BEGIN`;
  await slow`SELECT 1`;
  await db.sql`INSERT INTO begun DEFAULT VALUES`;
  const source = await startSource({ ...byTime, "table.whitelist": "begun" });
  let polls = 0;
  assert.deepEqual(await source.poll(1, () => ++polls > 8), []);
  await slow`INSERT INTO begun DEFAULT VALUES`;
  await slow`COMMIT`;
  slow.release();
  assert.deepEqual(valuesOf(await source.poll(2)), [2, 1]);
  await source.stop();
});

test("JdbcSource reads a query in every mode, into the topic named by the prefix", async () => {
  await db.sql`CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL)`;
  await db.sql`CREATE TABLE sales (id serial PRIMARY KEY, customer int NOT NULL, amount numeric(9,2), at timestamptz NOT NULL DEFAULT now())`;
  await db.sql`INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob')`;
  await db.sql`INSERT INTO sales (customer, amount) SELECT 1 + g % 2, g FROM generate_series(1, 7) g`;
  const query =
    "SELECT s.id, c.name AS who, s.amount, s.at FROM sales s JOIN customers c ON c.id = s.customer -- all of them";
  const keys = { "incrementing.column.name": "id", "timestamp.column.name": "at", "batch.max.rows": "3" };
  for (const mode of ["bulk", "incrementing", "timestamp", "timestamp+incrementing"]) {
    const source = await startSource({ ...byQuery, ...keys, query, mode });
    const [first, ...rest] = await source.poll(7);
    assert.equal(rest.length, 6, mode);
    assert.deepEqual([first!.topic, first!.sourcePartition], ["answers", { query: "query" }]);
    assert.equal(first!.valueSchema?.name, null);
    assert.deepEqual(
      first!.valueSchema!.fields.map((field) => [field.name, field.schema.optional]),
      [
        ["id", false],
        ["who", false],
        ["amount", true],
        ["at", false],
      ],
    );
    assert.equal(source.taskConfigs.length, 1);
    await source.stop();
  }
  const cut = await startSource({ ...byQuery, ...keys, query, mode: "incrementing", "query.suffix": "LIMIT 2" });
  assert.deepEqual(valuesOf(await cut.poll(7)), [1, 2, 3, 4, 5, 6, 7]);
  await cut.stop();
});

test("JdbcSource refuses timestamp columns that are missing, nullable or no timestamps", async () => {
  await db.sql`CREATE TABLE odd (id int, at timestamptz, name text)`;
  const start = (columns: string) =>
    startSource({ ...byTime, "table.whitelist": "odd", "timestamp.column.name": columns });
  await assert.rejects(start("nope"), /Timestamp columns: nope do not exist in table 'odd'/);
  await assert.rejects(start("name"), /Timestamp column name on odd is neither a timestamp nor a date/);
  await assert.rejects(start("at"), /timestamp columns at on odd because all of these columns are nullable\./);
});

test("JdbcSource loses and repeats nothing while writers insert, update and roll back and its task starts over", async () => {
  await db.sql`CREATE TABLE alive (id bigserial PRIMARY KEY, version int NOT NULL, at timestamptz NOT NULL DEFAULT now())`;
  let seed = 11;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  let writing = true;
  const writer = async () => {
    for (let i = 0; i < 20; i++) {
      await db.sql
        .begin(async (sql) => {
          if (random() < 0.4) await sql`SELECT pg_sleep(${random() * 0.02})`;
          await sql`INSERT INTO alive (version) SELECT 1 FROM generate_series(1, ${1 + Math.floor(random() * 4)})`;
          await sql`UPDATE alive SET version = version + 1, at = now() WHERE id = (
            SELECT id FROM alive WHERE at < now() ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)`;
          if (random() < 0.4) await sql`SELECT pg_sleep(${random() * 0.02})`;
          if (random() < 0.2) throw new Error("rolled back");
        })
        .catch((error: Error) => assert.equal(error.message, "rolled back"));
    }
  };
  const writers = Promise.all(Array.from({ length: 8 }, writer)).then(() => {
    writing = false;
  });
  for (const config of [byTime, byBoth]) {
    const read: SourceRecord[] = [];
    const last = new Map<number, number>();
    let idle = 0;
    while (writing || idle < 3) {
      const settings = { ...config, "table.whitelist": "alive", "poll.interval.ms": "1", "batch.max.rows": "7" };
      const source = await startSource(settings, read.at(-1)?.sourceOffset ?? null);
      let polls = 0;
      const batch = await source.poll(20 + Math.floor(random() * 60), () => ++polls > 40);
      await source.stop();
      idle = batch.length === 0 ? idle + 1 : 0;
      read.push(...batch);
    }
    await writers;
    for (const record of read) {
      const row = record.value as Struct;
      const version = Number(row.get("version"));
      assert.ok(version > (last.get(Number(row.get("id"))) ?? 0), `row ${row.get("id")} came twice`);
      last.set(Number(row.get("id")), version);
    }
    const there = await db.sql`SELECT id, version FROM alive ORDER BY id`;
    assert.deepEqual(
      [...last].sort(([a], [b]) => a - b),
      there.map(({ id, version }) => [Number(id), version]),
    );
  }
});
