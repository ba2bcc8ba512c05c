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

test("what is sent behind a batch that fails is written after it, not before", async () => {
  await run("CREATE TABLE ordered (id int PRIMARY KEY, name varchar(5))");
  const schema = SchemaBuilder.struct().field("id", Schema.INT32).field("name", Schema.STRING).build();
  const config = { "insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id", "batch.size": "3" };
  const sink = await startSink({ ...database.config, ...config }, { reporter: true });
  const of = (id: number, name: string) => sinkRecord(schema, { id, name }, { topic: "ordered" });
  await sink.put([of(0, "start")]);
  const puts = [
    [of(1, "a"), of(2, "a")],
    [of(1, "b"), of(3, "too long"), of(2, "b")],
    [of(1, "c"), of(3, "c")],
    [of(2, "d"), of(4, "d"), of(5, "d")],
    [of(1, "e")],
  ];
  for (const batch of puts) await sink.task.put(batch);
  await sink.put([]);
  await sink.stop();
  assert.deepEqual(
    sink.reported.map(({ record }) => (record.value as { values: unknown[] }).values),
    [[3, "too long"]],
  );
  assert.deepEqual(await run("SELECT id, name FROM ordered ORDER BY id"), [
    [0, "start"],
    [1, "e"],
    [2, "d"],
    [3, "c"],
    [4, "d"],
    [5, "d"],
  ]);
});

test("offsets are committed only behind what is written, while much is on its way", async () => {
  const schema = SchemaBuilder.struct().field("id", Schema.INT32).build();
  const sink = await startSink({ ...database.config, "auto.create": "true", "batch.size": "10" });
  const of = (offset: number) => sinkRecord(schema, { id: offset }, { topic: "counted", offset });
  for (let from = 0; from < 100; from += 5) {
    await sink.task.put([0, 1, 2, 3, 4].map((i) => of(from + i)));
  }
  const ends = [{ topic: "counted", partition: 0, offset: 100 }];
  assert.deepEqual(await sink.task.preCommit!(ends), ends);
  assert.deepEqual(await run("SELECT count(*)::int, count(DISTINCT id)::int FROM counted"), [[100, 100]]);
  await run("ALTER TABLE counted ADD CHECK (id < 110)");
  for (const from of [100, 105, 110, 115]) await sink.task.put([0, 1, 2, 3, 4].map((i) => of(from + i)));
  const [end] = await sink.task.preCommit!([{ topic: "counted", partition: 0, offset: 120 }]);
  const [[written]] = (await run("SELECT max(id) FROM counted")) as [[number]];
  assert.equal(end!.offset, written + 1);
  assert.ok(end!.offset <= 110);
  await assert.rejects(sink.put([]), /violates check constraint/);
  await sink.stop();
});

test("values that a type does not have are refused as the server refuses their text", async () => {
  await run("CREATE TABLE narrow (id int, small smallint, single real, yes boolean, name text)");
  const schema = SchemaBuilder.struct()
    .field("id", Schema.INT64)
    .field("small", Schema.OPTIONAL_FLOAT64)
    .field("single", Schema.OPTIONAL_FLOAT64)
    .field("yes", Schema.OPTIONAL_STRING)
    .field("name", Schema.OPTIONAL_INT32)
    .build();
  const sink = await startSink(database.config, { reporter: true });
  const of = (values: Record<string, unknown>) => sinkRecord(schema, values, { topic: "narrow" });
  await sink.put([
    of({ id: 1, small: 3, single: 0.1, yes: "on", name: 7 }),
    of({ id: 2n ** 40n }),
    of({ id: 3, small: 1.5 }),
    of({ id: 4, small: 40_000 }),
    of({ id: 5, single: 1e300 }),
    of({ id: 6, yes: "perhaps" }),
    of({ id: 7, single: Number.NaN }),
  ]);
  await sink.stop();
  assert.deepEqual(await run("SELECT id, small, single::text, yes, name FROM narrow ORDER BY id"), [
    [1, 3, "0.1", true, "7"],
    [7, null, "NaN", null, null],
  ]);
  assert.deepEqual(
    sink.reported.map(({ error }) => error.message),
    [
      'Postgres: value "1099511627776" is out of range for type integer',
      'Postgres: invalid input syntax for type smallint: "1.5"',
      'Postgres: value "40000" is out of range for type smallint',
      'Postgres: "1e+300" is out of range for type real',
      'Postgres: invalid input syntax for type boolean: "perhaps"',
    ],
  );
});
