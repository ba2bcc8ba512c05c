import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Schema, SchemaBuilder, Timestamp } from "@millrace/connect";
import { sinkRecord, startSink } from "../testing/sink-fixture.ts";
import { type TestDatabase, testServers } from "../testing/test-servers.ts";

/** What only Postgres has. */
let database: TestDatabase;
before(async () => {
  database = await testServers.find(({ product }) => product === "postgres")!.create("sink_postgres");
});
after(() => database.drop());

async function run(sql: string): Promise<readonly (readonly unknown[])[]> {
  const connection = await database.open();
  const { rows } = await connection.query(sql);
  await connection.close();
  return rows;
}

const text = (...names: string[]) =>
  names.reduce((builder, name) => builder.field(name, Schema.OPTIONAL_STRING), SchemaBuilder.struct()).build();

test("texts go into columns of any type that takes them, and keep to their lengths", async () => {
  await run("CREATE TYPE mood AS ENUM ('sad', 'ok')");
  await run(
    "CREATE TABLE typed (u uuid PRIMARY KEY, j jsonb, m mood, c char(4), v varchar(3), n numeric(6,2), d date, i inet, b bit(4))",
  );
  const sink = await startSink(
    { ...database.config, "insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "u" },
    { reporter: true },
  );
  const schema = text("u", "j", "m", "c", "v", "n", "d", "i", "b");
  const u = "00000000-0000-0000-0000-00000000000";
  const fine = {
    j: '{"a": [1, "x\\"y"]}',
    m: "ok",
    c: "ab",
    v: "abc",
    n: "1234.56",
    d: "2026-11-21",
    i: "10.0.0.1",
    b: "1010",
  };
  await sink.put([
    sinkRecord(schema, { ...fine, u: `${u}1` }, { topic: "typed" }),
    sinkRecord(schema, { ...fine, u: `${u}2`, v: "abcd" }, { topic: "typed" }),
    sinkRecord(schema, { ...fine, u: `${u}3`, m: "furious" }, { topic: "typed" }),
    sinkRecord(schema, { u: `${u}4` }, { topic: "typed" }),
  ]);
  await sink.stop();
  assert.deepEqual(
    await run("SELECT right(u::text, 1), j->'a'->>1, m, c, v, n::text, d, i::text, b::text FROM typed ORDER BY u"),
    [
      ["1", 'x"y', "ok", "ab  ", "abc", "1234.56", "2026-11-21", "10.0.0.1/32", "1010"],
      ["4", null, null, null, null, null, null, null, null],
    ],
  );
  assert.deepEqual(
    sink.reported.map(({ error }) => error.message),
    [
      "Postgres: value too long for type character varying(3)",
      'Postgres: invalid input value for enum mood: "furious"',
    ],
  );
});

test("arrays become arrays", async () => {
  const schema = SchemaBuilder.struct()
    .field("id", Schema.INT32)
    .field("tags", SchemaBuilder.array(Schema.OPTIONAL_STRING).optional().build())
    .field("numbers", SchemaBuilder.array(Schema.INT64).optional().build())
    .build();
  const sink = await startSink({ ...database.config, "auto.create": "true" });
  await sink.put([
    sinkRecord(
      schema,
      { id: 1, tags: ["a", 'b"\\,{}', "null", "", null], numbers: [1, 2n ** 62n] },
      { topic: "lists" },
    ),
    sinkRecord(schema, { id: 2, tags: [], numbers: null }, { topic: "lists" }),
  ]);
  await sink.stop();
  assert.deepEqual(await run("SELECT array_to_json(tags)::text, numbers::text FROM lists ORDER BY id"), [
    ['["a","b\\"\\\\,{}","null","",null]', `{1,${2n ** 62n}}`],
    ["[]", null],
  ]);
});

test("an instant stays the same in a column with a time zone, and is that of db.timezone in one without", async () => {
  await run("CREATE TABLE instants (id int, zoned timestamptz, local timestamp)");
  const schema = SchemaBuilder.struct()
    .field("id", Schema.INT32)
    .field("zoned", Timestamp.SCHEMA)
    .field("local", Timestamp.SCHEMA)
    .build();
  const sink = await startSink({ ...database.config, "db.timezone": "America/New_York" });
  const at = new Date(Date.UTC(2026, 6, 1, 12));
  await sink.put([sinkRecord(schema, { id: 1, zoned: at, local: at }, { topic: "instants" })]);
  await sink.stop();
  assert.deepEqual(await run("SELECT (zoned AT TIME ZONE 'UTC')::text, local::text FROM instants"), [
    ["2026-07-01 12:00:00", "2026-07-01 08:00:00"],
  ]);
});

test("names differing by case, schemas, partitioned tables and views are found", async () => {
  await run("CREATE SCHEMA kafka");
  await run('CREATE TABLE kafka.cased ("ID" int PRIMARY KEY, name text)');
  await run("CREATE TABLE parted (id int, name text) PARTITION BY RANGE (id)");
  await run("CREATE TABLE parted_all PARTITION OF parted DEFAULT");
  await run("CREATE VIEW seen AS SELECT * FROM parted");
  const schema = SchemaBuilder.struct().field("id", Schema.INT32).field("Name", Schema.STRING).build();
  const config = { ...database.config, "table.types": "TABLE,PARTITIONED TABLE,VIEW" };
  const cased = await startSink({
    ...config,
    "table.name.format": "kafka.${topic}",
    "insert.mode": "upsert",
    "pk.mode": "record_value",
    "pk.fields": "id",
  });
  await cased.put([1, 1].map((id) => sinkRecord(schema, { id, Name: "a" }, { topic: "cased" })));
  await cased.stop();
  const plain = await startSink(config);
  await plain.put(["parted", "seen"].map((topic, id) => sinkRecord(schema, { id, Name: topic }, { topic })));
  await plain.stop();
  assert.deepEqual(await run('SELECT "ID", name FROM kafka.cased'), [[1, "a"]]);
  assert.deepEqual(await run("SELECT id, name FROM parted ORDER BY id"), [
    [0, "parted"],
    [1, "seen"],
  ]);
  const refused = await startSink(database.config);
  await assert.rejects(
    refused.put([sinkRecord(schema, { id: 1, Name: "a" }, { topic: "seen" })]),
    /Table "seen" is missing and auto-creation is disabled/,
  );
  await refused.stop();
});

test("a server that is away for a while loses nothing", async () => {
  const sink = await startSink({
    ...database.config,
    "auto.create": "true",
    "max.retries": "5",
    "connection.attempts": "3",
  });
  const schema = SchemaBuilder.struct().field("id", Schema.INT32).build();
  await sink.put([sinkRecord(schema, { id: 1 }, { topic: "cut" })]);
  await run(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace-jdbc-sink' AND datname = current_database()",
  );
  await sink.put([sinkRecord(schema, { id: 2 }, { topic: "cut" })]);
  await sink.stop();
  assert.ok(sink.retries > 0);
  assert.deepEqual(await run("SELECT id FROM cut ORDER BY id"), [[1], [2]]);
});
