import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, type SourceRecord, Struct } from "@millrace/connect";
import { byLogicalTableRouter } from "./by-logical-table-router.ts";

function envelopeOf(table: string): Schema {
  const row = SchemaBuilder.struct()
    .name(`s.public.${table}.Value`)
    .optional()
    .field("id", Schema.INT32)
    .field("v", SchemaBuilder.string().optional().defaultValue("d").build())
    .build();
  return SchemaBuilder.struct()
    .name(`s.public.${table}.Envelope`)
    .version(2)
    .field("before", row)
    .field("after", row)
    .field("op", Schema.STRING)
    .build();
}

const SHARD = envelopeOf("shard_1");
const KEY = SchemaBuilder.struct().name("s.public.shard_1.Key").field("id", Schema.INT32).build();

function change(more: Partial<SourceRecord> = {}): SourceRecord {
  const row = SHARD.field("after")!.schema;
  return {
    sourcePartition: null,
    sourceOffset: null,
    topic: "s.public.shard_1",
    keySchema: KEY,
    key: Struct.of(KEY, [1]),
    valueSchema: SHARD,
    value: Struct.of(SHARD, [null, Struct.of(row, [1, null]), "c"]),
    ...more,
  };
}

function routerOf(config: Readonly<Record<string, string>>) {
  const router = byLogicalTableRouter.create();
  router.configure({ "topic.regex": "(.*)shard_(.*)", "topic.replacement": "$1all_shards", ...config });
  return router;
}

test("gives events, keys and schemas of several tables to one, and tells the tables apart in the key", () => {
  const { topic, key, value, valueSchema, keySchema } = routerOf({}).apply(change())!;
  assert.equal(topic, "s.public.all_shards");
  assert.equal(keySchema!.name, "s.public.all_shards.Key");
  assert.deepEqual((key as Struct).values, [1, "s.public.shard_1"]);
  assert.equal((key as Struct).schema.fields[1]!.name, "__dbz__physicalTableIdentifier");
  assert.equal(valueSchema!.name, "s.public.all_shards.Envelope");
  assert.equal(valueSchema!.version, 2);
  const after = (value as Struct).get("after") as Struct;
  assert.equal(after.schema.name, "s.public.all_shards.Value");
  assert.deepEqual(after.values, [1, null]);
});

test("names the key's field and takes its value from the old topic", () => {
  const config = { "key.field.name": "shard", "key.field.regex": "(.*)shard_(.*)", "key.field.replacement": "$2" };
  const routed = routerOf(config).apply(change())!;
  assert.deepEqual((routed.key as Struct).values, [1, "1"]);
  assert.equal(routed.keySchema!.fields[1]!.name, "shard");
});

test("leaves keys alone when they are unique, and makes schema names fit for Avro", () => {
  const config = {
    "topic.replacement": "$1one-topic",
    "key.enforce.uniqueness": "false",
    "schema.name.adjustment.mode": "avro",
  };
  const routed = routerOf(config).apply(change())!;
  assert.deepEqual((routed.key as Struct).values, [1]);
  assert.equal(routed.keySchema!.name, "s.public.one_topic.Key");
  assert.equal(routed.valueSchema!.name, "s.public.one_topic.Envelope");
});

test("routes tombstones, rows and events without a key; leaves other topics alone", () => {
  const router = routerOf({});
  const tombstone = router.apply(change({ valueSchema: null, value: null }))!;
  assert.equal(tombstone.topic, "s.public.all_shards");
  assert.equal(tombstone.value, null);
  const row = SchemaBuilder.struct().name("s.public.shard_1.Value").field("id", Schema.INT32).build();
  assert.equal(router.apply(change({ valueSchema: row, value: Struct.of(row, [1]) }))!.valueSchema, row);
  assert.equal(router.apply(change({ key: null }))!.keySchema, null);
  const other = change({ topic: "s.public.other" });
  assert.equal(router.apply(other), other);
});

test("refuses settings that are missing or wrong, in Debezium's words", () => {
  for (const config of [
    { "topic.replacement": "" },
    { "topic.regex": "(" },
    { "key.field.regex": "(.*)" },
    { "schema.name.adjustment.mode": "loud" },
  ]) {
    assert.throws(() => routerOf(config), /Unable to validate config\./);
  }
});
