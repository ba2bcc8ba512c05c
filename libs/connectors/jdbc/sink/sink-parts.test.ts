import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Timestamp } from "@millrace/connect";
import { offsetTableName } from "./offset-sql.ts";
import { type SinkColumn, sinkColumns } from "./sink-columns.ts";
import { jdbcSinkConfigDef } from "./sink-config-keys.ts";
import { sinkDialect } from "./sink-dialects.ts";
import { jdbcSinkSettings, sinkSettingsProblems } from "./sink-settings.ts";
import { parseTable, tableNameFor } from "./table-name.ts";

const config = { "connection.url": "jdbc:postgresql://h/d" };
const settings = (more = {}) => jdbcSinkSettings({ ...config, ...more });
const problems = (more: Record<string, string>) => sinkSettingsProblems({ ...config, ...more }).map(({ name }) => name);

test("settings that contradict each other are told at their keys", () => {
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ "delete.enabled": "true" }), ["pk.mode"]);
  assert.deepEqual(problems({ "insert.mode": "UPSERT" }), ["insert.mode", "pk.mode"]);
  assert.deepEqual(problems({ "pk.mode": "kafka", "pk.fields": "a,b" }), ["pk.fields"]);
  assert.deepEqual(problems({ "connection.url": "jdbc:db2://h/d?password=secret" }), ["connection.url"]);
  assert.deepEqual(problems({ "dialect.name": "MySqlDatabaseDialect" }), ["dialect.name"]);
});

test("single values are checked by the ConfigDef, each key by itself", () => {
  const given = {
    "insert.mode": "replace",
    "pk.mode": "x",
    "batch.size": "-1",
    "max.retries": "many",
    "db.timezone": "Mars/Base",
    "table.types": "TABLE,QUEUE",
    "quote.sql.identifiers": "sometimes",
    "auto.create": "yes",
    "millrace.delivery": "twice",
  };
  const wrong = jdbcSinkConfigDef.validate(given).filter(({ errors }) => errors.length > 0);
  assert.deepEqual(wrong.map(({ name }) => name).sort(), ["connection.url", ...Object.keys(given)].sort());
});

test("connection.* that is not known goes to the driver", () => {
  const { properties } = settings({ "connection.sslmode": "require", "connection.attempts": "2" });
  assert.deepEqual(properties, { sslmode: "require" });
});

test("tables are named for topics, with schema and catalog", () => {
  assert.equal(tableNameFor("orders", "kafka_${topic}"), "kafka_orders");
  assert.equal(tableNameFor("a$&b", "${topic}"), "a$&b");
  assert.throws(
    () => tableNameFor("", "${topic}"),
    /^ConnectError: Destination table name for topic '' is empty using the format string '\$\{topic\}'/,
  );
  assert.deepEqual(parseTable("t", false), { catalog: null, schema: null, name: "t" });
  assert.deepEqual(parseTable("s.t", false), { catalog: null, schema: "s", name: "t" });
  assert.deepEqual(parseTable("d.t", true), { catalog: "d", schema: null, name: "t" });
  assert.deepEqual(parseTable('c."s.x".t', false), { catalog: "c", schema: "s.x", name: "t" });
  assert.throws(() => parseTable("a.b.c.d", false), /Invalid fully qualified name: 'a\.b\.c\.d'/);
});

test("keys that records do not have are refused in Confluent's words", () => {
  const value = SchemaBuilder.struct().field("a", Schema.INT32).build();
  const columns = (more: object, key: Schema | null) => () => sinkColumns("t", settings(more), key, value);
  assert.throws(
    columns({ "pk.mode": "record_key" }, null),
    /PK mode for table 't' is RECORD_KEY, but record key schema is missing/,
  );
  assert.throws(
    columns({ "pk.mode": "record_key" }, Schema.INT32),
    /Need exactly one PK column defined since the key schema for records is a primitive type, defined columns are: \[\]/,
  );
  assert.throws(
    columns({ "pk.mode": "record_value", "pk.fields": "b" }, null),
    /PK mode for table 't' is RECORD_VALUE with configured PK fields \[b\], but record value schema does not contain field: b/,
  );
  assert.throws(
    columns({ "fields.whitelist": "zzz" }, null),
    /No fields found using key and value schemas for table: t/,
  );
});

test("tables are created with the key's columns, defaults and nulls", () => {
  const { all } = sinkColumns(
    "t",
    settings({ "pk.mode": "record_key" }),
    SchemaBuilder.struct().field("id", Schema.OPTIONAL_INT64).build(),
    SchemaBuilder.struct()
      .field("id", Schema.INT64)
      .field("name", SchemaBuilder.string().optional().defaultValue("it's").build())
      .field("tags", SchemaBuilder.array(Schema.STRING).optional().build())
      .field("at", Timestamp.builder().optional().build())
      .build(),
  );
  const table = { catalog: null, schema: "s", name: "t" };
  assert.equal(
    sinkDialect("postgres", settings()).createTable(table, all),
    'CREATE TABLE "s"."t" (\n"id" BIGINT NOT NULL,\n"name" TEXT DEFAULT \'it\'\'s\',\n"tags" TEXT[] NULL,\n"at" TIMESTAMP NULL,\nPRIMARY KEY("id"))',
  );
  const plain = all.filter(({ name }) => name !== "tags");
  assert.match(
    sinkDialect("mysql", settings()).createTable(table, plain),
    /`name` TEXT DEFAULT \('it''s'\),\n`at` DATETIME\(3\) NULL/,
  );
  assert.match(
    sinkDialect("sqlserver", settings()).createTable(table, plain),
    /^CREATE TABLE \[s\]\.\[t\] \(\n\[id\] bigint NOT NULL/,
  );
  assert.match(
    sinkDialect("oracle", settings({ "quote.sql.identifiers": "never" })).createTable(table, plain),
    /^CREATE TABLE s\.t \(\nid NUMBER\(19,0\) NOT NULL/,
  );
  assert.throws(
    () => sinkDialect("mysql", settings()).createTable(table, all),
    /null \(ARRAY\) type doesn't have a mapping to the SQL database column type/,
  );
});

test("timestamps finer than milliseconds keep their digits", () => {
  const { encoder } = sinkDialect("postgres", settings({ "timestamp.fields.list": "at" }));
  const column: SinkColumn = { name: "at", schema: Schema.INT64, isKey: false, origin: { from: "value", index: 0 } };
  assert.equal(encoder(column)(1_700_000_000_123_456), "2023-11-14 22:13:20.123456+00:00");
  assert.equal(encoder(column)(-1), "1969-12-31 23:59:59.999999+00:00");
  assert.equal(encoder({ ...column, name: "other" })(5), 5);
});

test("connectors keep their offsets in tables of different names", () => {
  assert.equal(offsetTableName("orders"), "millrace_sink_orders");
  const names = ["Orders", "ORDERS", "or-ders", "or.ders", "x".repeat(80), "x".repeat(81)].map(offsetTableName);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.every((name) => /^[a-z0-9_]{1,63}$/.test(name)));
});
