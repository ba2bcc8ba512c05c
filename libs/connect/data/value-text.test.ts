import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema } from "./schema.ts";
import { SchemaBuilder } from "./schema-builder.ts";
import { Struct } from "./struct.ts";
import { valueText } from "./value-text.ts";

test("valueText shows values as Java's toString", () => {
  const row = SchemaBuilder.struct()
    .field("ratio", Schema.FLOAT64)
    .field("raw", Schema.BYTES)
    .field("left out", Schema.OPTIONAL_STRING)
    .build();
  const struct = new Struct(row).put("ratio", 1).put("raw", Uint8Array.of(1, 2, 3));
  assert.equal(valueText(struct), "Struct{ratio=1.0,raw=java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]}");
  assert.equal(valueText(new Map<unknown, unknown>([["a", [1, null, 1.5]]])), "{a=[1, null, 1.5]}");
});
