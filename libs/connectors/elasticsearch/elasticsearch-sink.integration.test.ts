import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal, Schema, SchemaBuilder, Struct, Timestamp } from "@millrace/connect";
import { ask, documents, ownTopic, record, remove, TestTask } from "./testing/sink-fixture.ts";

const SCHEMALESS = { "schema.ignore": "true" };

test("writes documents under their keys, and replaces and deletes them", async (t) => {
  const topic = ownTopic();
  t.after(() => remove(topic));
  const task = await TestTask.start({ ...SCHEMALESS, "behavior.on.null.values": "delete" });
  const offsets = await task.write([
    record(topic, 0, { key: "a", value: { n: 1 } }),
    record(topic, 1, { key: "b", value: { n: 2 } }),
    record(topic, 2, { key: "a", value: { m: 3 } }),
    record(topic, 3, { key: "b", value: null }),
    record(topic, 4, { key: 7, value: { n: 4 } }),
    record(topic, 5, { key: null, value: null }),
  ]);
  assert.deepEqual(await documents(topic), { a: { m: 3 }, 7: { n: 4 } });
  assert.deepEqual(offsets, [{ topic, partition: 0, offset: 6 }]);
  assert.deepEqual(task.reports, []);
});

test("a replay never goes back in time, nor brings back what was deleted", async (t) => {
  const topic = ownTopic();
  t.after(() => remove(topic));
  const config = { ...SCHEMALESS, "behavior.on.null.values": "delete" };
  const records = [
    record(topic, 0, { key: "a", value: { n: 1 } }),
    record(topic, 1, { key: "b", value: { n: 1 } }),
    record(topic, 2, { key: "a", value: { n: 2 } }),
    record(topic, 3, { key: "b", value: null }),
  ];
  await (await TestTask.start(config)).write(records);
  const expected = { a: { n: 2 } };
  assert.deepEqual(await documents(topic), expected);
  const replay = await TestTask.start(config);
  for (const each of records) {
    await replay.put([each]);
    await replay.settled();
    assert.deepEqual(await documents(topic), expected);
  }
  await replay.stop();
});

test("makes the mapping from the schema, and numbers of decimals", async (t) => {
  const topic = ownTopic();
  t.after(() => remove(topic));
  const valueSchema = SchemaBuilder.struct()
    .field("name", Schema.STRING)
    .field("price", Decimal.schema(2))
    .field("at", Timestamp.SCHEMA)
    .field("small", SchemaBuilder.int8().optional().defaultValue(5).build())
    .field("tags", SchemaBuilder.array(Schema.STRING).build())
    .build();
  const value = new Struct(valueSchema)
    .put("name", "x")
    .put("price", new Decimal(1250n, 2))
    .put("at", new Date(1_700_000_000_000))
    .put("tags", ["p", "q"]);
  await (await TestTask.start({})).write([record(topic, 0, { key: "a", valueSchema, value })]);
  const { json } = await ask("GET", `/${topic}/_mapping`);
  const text = { type: "text", fields: { keyword: { type: "keyword", ignore_above: 256 } } };
  assert.deepEqual((json as Record<string, { mappings: unknown }>)[topic]?.mappings, {
    properties: {
      name: text,
      price: { type: "double" },
      at: { type: "date" },
      small: { type: "byte", null_value: 5 },
      tags: text,
    },
  });
  assert.deepEqual(await documents(topic), {
    a: { name: "x", price: 12.5, at: 1_700_000_000_000, small: 5, tags: ["p", "q"] },
  });
});
