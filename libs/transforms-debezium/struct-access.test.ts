import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct, Time } from "@millrace/connect";
import { typedField } from "./struct-access.ts";

const schema = SchemaBuilder.struct().field("part", Schema.INT32).field("at", Time.SCHEMA).build();
const struct = new Struct(schema).put("part", 3).put("at", new Date(5));

test("typedField takes a field of the type, though not the date of a logical one", () => {
  assert.equal(typedField(struct, "part", "INT32"), 3);
  assert.throws(() => typedField(struct, "part", "INT64"), { message: "Field 'part' is not of type INT64" });
  assert.throws(() => typedField(struct, "at", "INT32"), { javaClass: "java.lang.ClassCastException" });
});
