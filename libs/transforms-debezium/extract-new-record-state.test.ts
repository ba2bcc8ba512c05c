import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders, Schema, SchemaBuilder, type SourceRecord, Struct } from "@millrace/connect";
import { extractNewRecordState } from "./extract-new-record-state.ts";

const row = SchemaBuilder.struct()
  .optional()
  .name("shop.orders.Value")
  .field("id", Schema.INT32)
  .field("name", Schema.OPTIONAL_STRING)
  .field("quantity", SchemaBuilder.int32().optional().defaultValue(9).build())
  .build();
const labels = SchemaBuilder.map(Schema.STRING, Schema.STRING).optional().build();
const envelope = SchemaBuilder.struct()
  .name("shop.orders.Envelope")
  .field("before", row)
  .field("after", row)
  .field("source", SchemaBuilder.struct().field("lsn", Schema.INT64).build())
  .field("op", Schema.STRING)
  .field("labels", labels)
  .build();

type Row = Readonly<Record<string, unknown>>;

function change(op: string, { before, after }: { before?: Row; after?: Row }, headers?: ConnectHeaders): SourceRecord {
  const value = new Struct(envelope).put("op", op);
  value.put("source", new Struct(envelope.field("source")!.schema).put("lsn", 7));
  if (before !== undefined) value.put("before", structOf(before));
  if (after !== undefined) value.put("after", structOf(after));
  return {
    sourcePartition: null,
    sourceOffset: null,
    topic: "shop.orders",
    keySchema: Schema.STRING,
    key: "k",
    valueSchema: envelope,
    value,
    headers: headers ?? null,
  };
}

function structOf(values: Row): Struct {
  const struct = new Struct(row);
  for (const [name, value] of Object.entries(values)) struct.put(name, value);
  return struct;
}

function apply(config: Readonly<Record<string, string>>, record: SourceRecord): SourceRecord | null {
  const transform = extractNewRecordState.create();
  transform.configure(config);
  return transform.apply(record);
}

const shown = (record: SourceRecord | null): string | null => (record === null ? null : String(record.value));
const insert = change("c", { after: { id: 1, name: "new" } });
const removal = change("d", { before: { id: 1, name: "old" } });
const tombstone: SourceRecord = { ...insert, valueSchema: null, value: null };

test("an insert gives its row, under a schema that is not optional and is made once", () => {
  const transform = extractNewRecordState.create();
  transform.configure({});
  const [first, second] = [transform.apply(insert), transform.apply(insert)];
  assert.equal(shown(first), "Struct{id=1,name=new}");
  assert.equal(first?.valueSchema?.optional, false);
  assert.equal(first?.valueSchema, second?.valueSchema);
});

test("each mode has its own way with deletes and tombstones", () => {
  const outcome = (mode: string) => {
    const config = { "delete.tombstone.handling.mode": mode };
    return [shown(apply(config, removal)), shown(apply(config, tombstone))];
  };
  assert.deepEqual(outcome("drop"), [null, null]);
  assert.deepEqual(outcome("tombstone"), ["null", null]);
  assert.deepEqual(outcome("rewrite"), ["Struct{id=1,name=old,quantity=9,__deleted=true}", null]);
  assert.deepEqual(outcome("rewrite-with-tombstone"), ["Struct{id=1,name=old,quantity=9,__deleted=true}", "null"]);
  assert.deepEqual(outcome("delete-to-tombstone"), ["null", null]);
});

test("a tombstone in place of a delete has no schema, a delete without value keeps it", () => {
  const schemaOf = (mode: string) => apply({ "delete.tombstone.handling.mode": mode }, removal)?.valueSchema;
  assert.equal(schemaOf("delete-to-tombstone"), null);
  assert.equal(schemaOf("tombstone"), row);
});

test("metadata is added to value and headers, and the record that came in stays as it was", () => {
  const headers = new ConnectHeaders().add("have", "x", Schema.STRING);
  const record = change("u", { before: { id: 1 }, after: { id: 1, name: "new" } }, headers);
  const result = apply(
    { "add.fields": "op,lsn", "add.headers": "op,before.name:OLD", "add.headers.prefix": "" },
    record,
  );
  assert.equal(shown(result), "Struct{id=1,name=new,__op=u,__lsn=7}");
  assert.deepEqual(
    [...result!.headers!].map(({ key, value }) => [key, value]),
    [
      ["have", "x"],
      ["op", "u"],
      ["OLD", null],
    ],
  );
  assert.equal(headers.size, 1);
});

test("a map can be added as a header but not as a field, not even an empty one", () => {
  const record = change("c", { after: { id: 1 } });
  (record.value as Struct).put("labels", new Map());
  assert.deepEqual(apply({ "add.headers": "labels" }, record)?.headers?.lastWithName("__labels")?.value, new Map());
  assert.throws(() => apply({ "add.fields": "labels" }, record), {
    message: 'No schema defined for key of map field: "__labels"',
  });
});

test("of two bad added fields the first one fails", () => {
  const failing = (fields: string) => () => apply({ "add.fields": fields }, insert);
  assert.throws(failing("op,op,nope.x"), { message: /duplication __op/ });
  assert.throws(failing("op,nope.x,op"), { javaClass: "java.lang.NullPointerException" });
});

test("a row can name its topic; of a deleted one, the row before does", () => {
  assert.equal(apply({ "route.by.field": "name" }, insert)?.topic, "new");
  assert.equal(apply({ "route.by.field": "name" }, removal)?.topic, "old");
  assert.equal(apply({ "route.by.field": "name" }, change("c", { after: { id: 1 } }))?.topic, "shop.orders");
  assert.throws(() => apply({ "route.by.field": "id" }, insert), { message: "Field 'id' is not of type STRING" });
});

test("fields that a header lists are dropped, required ones only when asked", () => {
  const list = SchemaBuilder.array(Schema.STRING).build();
  const record = change("c", { after: { id: 1, name: "n" } }, new ConnectHeaders().add("drop", ["id", "name"], list));
  const config = { "drop.fields.header.name": "drop" };
  assert.equal(shown(apply(config, record)), "Struct{id=1,quantity=9}");
  assert.equal(
    shown(apply({ ...config, "drop.fields.keep.schema.compatible": "false" }, record)),
    "Struct{quantity=9}",
  );
});

test("a truncate is dropped; what is no envelope passes", () => {
  assert.equal(apply({}, change("t", {})), null);
  const other: SourceRecord = { ...insert, valueSchema: Schema.STRING, value: "text" };
  assert.equal(apply({ "add.headers": "op" }, other), other);
});

test("a wrong mode or switch is refused as a whole", () => {
  const transform = extractNewRecordState.create();
  for (const config of [{ "delete.tombstone.handling.mode": "none" }, { "drop.fields.from.key": "yes" }]) {
    assert.throws(() => transform.configure(config), { message: "Unable to validate config." });
  }
  const [problem] = extractNewRecordState.config
    .validate({ "delete.tombstone.handling.mode": "none" })
    .flatMap(({ errors }) => errors);
  assert.match(problem!, /Value must be one of drop, tombstone, rewrite-with-tombstone, rewrite, delete-to-tombstone$/);
});
