import assert from "node:assert/strict";
import { test } from "node:test";
import { Int32 } from "./boxed-number.ts";
import { Schema } from "./schema.ts";
import { SchemaBuilder } from "./schema-builder.ts";
import { Struct } from "./struct.ts";

const inner = SchemaBuilder.struct().field("x", Schema.FLOAT64).build();
const schema = SchemaBuilder.struct()
  .field("i", Schema.INT32)
  .field("l", Schema.OPTIONAL_INT64)
  .field("s", SchemaBuilder.string().defaultValue("-").build())
  .field("b", Schema.OPTIONAL_BYTES)
  .field("m", SchemaBuilder.map(Schema.STRING, Schema.INT8).build())
  .field("a", SchemaBuilder.array(Schema.STRING).build())
  .field("r", inner)
  .build();

test("typed getters give a field's own value, without defaults", () => {
  const struct = new Struct(schema)
    .put("i", new Int32(5))
    .put("l", 2n ** 62n)
    .put("m", { k: 1 })
    .put("a", ["x"])
    .put("r", new Struct(inner).put("x", 1.5));
  assert.equal(struct.getInt32("i"), 5);
  assert.equal(struct.getInt64("l"), 2n ** 62n);
  assert.equal(struct.getString("s"), null);
  assert.equal(struct.get("s"), "-");
  assert.equal(struct.getBytes("b"), null);
  assert.deepEqual(struct.getMap("m"), new Map([["k", 1]]));
  assert.deepEqual(struct.getArray("a"), ["x"]);
  assert.equal(struct.getStruct("r")?.getFloat64("x"), 1.5);
});

test("typed getters refuse a field of another type, and one that is not there", () => {
  const struct = new Struct(schema);
  const types = {
    INT8: () => struct.getInt8("s"),
    INT16: () => struct.getInt16("s"),
    INT32: () => struct.getInt32("s"),
    INT64: () => struct.getInt64("s"),
    FLOAT32: () => struct.getFloat32("s"),
    FLOAT64: () => struct.getFloat64("s"),
    BOOLEAN: () => struct.getBoolean("s"),
    BYTES: () => struct.getBytes("s"),
    ARRAY: () => struct.getArray("s"),
    MAP: () => struct.getMap("s"),
    STRUCT: () => struct.getStruct("s"),
  };
  for (const [type, get] of Object.entries(types)) {
    assert.throws(get, { name: "DataError", message: `Field 's' is not of type ${type}` });
  }
  assert.throws(() => struct.getString("none"), { message: "none is not a valid field name" });
});

test("validate names the place of a value in nested arrays and maps", () => {
  const deep = SchemaBuilder.array(SchemaBuilder.map(Schema.STRING, SchemaBuilder.array(Schema.INT32).build()).build());
  const holder = new Struct(SchemaBuilder.struct().field("f", deep.build()).build());
  assert.throws(() => holder.put("f", [new Map([["k", ["x"]]])]), {
    message:
      "Invalid Java object for schema with type INT32: class java.lang.String for " +
      'element of array value of map element of array field: "f"',
  });
  assert.throws(() => holder.put("f", [new Map([[1, []]])]), {
    message:
      "Invalid Java object for schema with type STRING: class java.lang.Long for " +
      'key of map element of array field: "f"',
  });
  assert.throws(() => holder.put("f", [null]), {
    message: 'Invalid value: null used for required element of array field: "f", schema type: MAP',
  });
});

test("SchemaBuilder refuses containers and fields that do not say what they hold", () => {
  const none = null as unknown as Schema;
  const refusals: readonly (readonly [() => unknown, string])[] = [
    [() => SchemaBuilder.array(none), "valueSchema cannot be null."],
    [() => SchemaBuilder.map(none, Schema.STRING), "keySchema cannot be null."],
    [() => SchemaBuilder.map(Schema.STRING, none), "valueSchema cannot be null."],
    [() => SchemaBuilder.struct().field("a", none), "fieldSchema for field a cannot be null."],
    [() => SchemaBuilder.type(null), "type cannot be null"],
  ];
  for (const [act, message] of refusals) assert.throws(act, { name: "SchemaBuilderError", message });
});
