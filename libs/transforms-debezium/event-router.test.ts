import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders, Schema, SchemaBuilder, type SinkRecord, type SourceRecord, Struct } from "@millrace/connect";
import { eventRouter } from "./event-router.ts";

const micros = SchemaBuilder.int64().optional().name("io.debezium.time.MicroTimestamp").build();
const event = SchemaBuilder.struct()
  .optional()
  .name("shop.outbox.Value")
  .field("id", Schema.STRING)
  .field("aggregatetype", Schema.STRING)
  .field("aggregateid", Schema.STRING)
  .field("type", Schema.STRING)
  .field("payload", Schema.OPTIONAL_STRING)
  .field("at", micros)
  .field("part", Schema.OPTIONAL_INT32)
  .field("version", Schema.OPTIONAL_INT32)
  .build();
const envelope = SchemaBuilder.struct()
  .name("shop.outbox.Envelope")
  .field("after", event)
  .field("op", Schema.STRING)
  .field("ts_ms", Schema.OPTIONAL_INT64)
  .build();

function change(op: string, values: Readonly<Record<string, unknown>> = {}): SourceRecord {
  const after = new Struct(event);
  const row = { id: "e1", aggregatetype: "Order", aggregateid: "10", type: "Created", payload: '{"a":1}', ...values };
  for (const [name, value] of Object.entries(row)) after.put(name, value);
  return {
    sourcePartition: null,
    sourceOffset: null,
    topic: "shop.outbox",
    keySchema: Schema.STRING,
    key: "k",
    valueSchema: envelope,
    value: new Struct(envelope).put("after", after).put("op", op).put("ts_ms", 5),
    headers: new ConnectHeaders().add("have", "x", Schema.STRING),
  };
}

function routed(config: Readonly<Record<string, string>>) {
  const transform = eventRouter.create();
  transform.configure(config);
  return (record: SourceRecord) => transform.apply(record);
}

test("an insert becomes its event, and the record that came in stays as it was", () => {
  const record = change("c");
  const result = routed({})(record)!;
  assert.equal(result.topic, "outbox.event.Order");
  assert.equal(result.key, "10");
  assert.equal(result.value, '{"a":1}');
  assert.equal(result.valueSchema, Schema.OPTIONAL_STRING);
  assert.equal(result.timestamp, 5);
  assert.deepEqual(
    [...result.headers!].map(({ key, value }) => `${key}=${value}`),
    ["have=x", "id=e1"],
  );
  assert.equal(record.headers?.size, 1);
});

test("deletes, updates and tombstones are dropped; an update can be made to fail", () => {
  const route = routed({});
  assert.equal(route(change("d")), null);
  assert.equal(route(change("u")), null);
  assert.equal(route({ ...change("c"), value: null }), null);
  assert.throws(() => routed({ "table.op.invalid.behavior": "fatal" })(change("u")), {
    message: "Unexpected update message received k, fail.",
  });
});

test("the topic is what the replacement makes of the column", () => {
  const config = {
    "route.by.field": "type",
    "route.topic.regex": "(?<what>Cr)(.*)",
    "route.topic.replacement": "${what}-$2",
  };
  const route = routed(config);
  assert.equal(route(change("c"))?.topic, "Cr-eated");
  assert.equal(route(change("c", { type: "Other" }))?.topic, "Other");
});

test("additional fields go into headers, the value or the partition", () => {
  const placement = "type:header:what, type:envelope, part:partition, at:envelope:when";
  const result = routed({ "table.fields.additional.placement": placement })(change("c", { part: 3, at: 9 }))!;
  assert.equal(result.headers?.lastWithName("what")?.value, "Created");
  assert.equal(String(result.value), 'Struct{payload={"a":1},type=Created,when=9}');
  assert.equal(result.valueSchema?.name, "shop.outbox.Order.Value");
  assert.equal(result.partition, 3);
});

test("a version column gives the value's schema its version", () => {
  const config = {
    "table.fields.additional.placement": "type:envelope",
    "table.field.event.schema.version": "version",
  };
  const route = routed(config);
  assert.equal(route(change("c", { version: 2 }))?.valueSchema?.version, 2);
  assert.equal(route(change("c"))?.valueSchema?.version, null);
  assert.equal(route(change("c"))?.valueSchema, route(change("c"))?.valueSchema);
});

test("a column that is not there fails or is passed over", () => {
  const config = { "table.fields.additional.placement": "nope:header" };
  assert.throws(() => routed(config)(change("c")), { message: "nope is not a valid field name" });
  assert.equal(routed({ ...config, "table.field.additional.missing": "ignore" })(change("c"))?.headers?.size, 2);
  assert.throws(() => routed({ "table.field.event.payload": "nope" })(change("c")), {
    message: "Unable to find payload field nope in event",
  });
});

test("an empty payload can give a tombstone", () => {
  const config = { "route.tombstone.on.empty.payload": "true", "table.fields.additional.placement": "type:envelope" };
  const result = routed(config)(change("c", { payload: " " }))!;
  assert.deepEqual([result.valueSchema, result.value], [null, null]);
  assert.equal(routed({})(change("c", { payload: " " }))?.value, " ");
});

test("the timestamp comes from a column in its own unit, cut to milliseconds", () => {
  const route = routed({ "table.field.event.timestamp": "at" });
  assert.equal(route(change("c", { at: 1_700_000_000_999_999 }))?.timestamp, 1_700_000_000_999);
  assert.equal(route(change("c", { at: 9_007_199_254_740_993n }))?.timestamp, 9_007_199_254_740);
  assert.equal(route(change("c", { at: -1999 }))?.timestamp, -1);
  assert.equal(route(change("c", { at: null }))?.timestamp, 5);
  assert.throws(() => routed({ "table.field.event.timestamp": "type" })(change("c")), {
    message: "Field 'type' is not of type INT64",
  });
});

test("JSON payloads can be expanded, in an envelope too", () => {
  const expand = { "table.expand.json.payload": "true" };
  assert.equal(String(routed(expand)(change("c"))?.value), "Struct{a=1}");
  const both = routed({ ...expand, "table.fields.additional.placement": "type:envelope" });
  assert.equal(String(both(change("c"))?.value), "Struct{payload=Struct{a=1},type=Created}");
  assert.equal(both(change("c"))?.valueSchema, both(change("c"))?.valueSchema);
});

test("a sink's record is refused unless its partition is told", () => {
  const sink = { ...change("c"), partition: 0, offset: 1, originalTopic: "shop.outbox" } as unknown as SinkRecord;
  const transform = eventRouter.create();
  transform.configure({});
  assert.throws(() => transform.apply(sink), /needs a partition/);
});

test("the first wrong setting is told", () => {
  const message = (config: Readonly<Record<string, string>>) => {
    try {
      routed(config);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(
    message({ "table.fields.additional.placement": "type,a:b" }),
    "Invalid value type,a:b for configuration table.fields.additional.placement: The 'table.fields.additional.placement' " +
      "value is invalid: A comma-separated list of valid String pairs or trios is expected but got: [type, a:b]",
  );
  assert.match(message({ "route.topic.regex": "(", "table.expand.json.payload": "yes" })!, /^Invalid value \( for/);
  assert.match(message({ "table.field.additional.missing": "x" })!, /Value must be one of ignore, error$/);
  assert.equal(message({ "tracing.span.context.field": "context" }), null);
});
