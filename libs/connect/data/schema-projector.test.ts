import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectDate } from "./logical.ts";
import { Schema } from "./schema.ts";
import { SchemaBuilder } from "./schema-builder.ts";
import { SchemaProjector } from "./schema-projector.ts";
import { Struct } from "./struct.ts";

test("a date is projected as it is", () => {
  const day = new Date(86_400_000);
  assert.equal(SchemaProjector.project(ConnectDate.SCHEMA, day, ConnectDate.SCHEMA), day);
});

test("a new optional field stays unset, a new required one takes its default", () => {
  const optional = SchemaBuilder.string().optional().defaultValue("x").build();
  const required = SchemaBuilder.string().defaultValue("y").build();
  const source = SchemaBuilder.struct().field("id", Schema.INT8).build();
  const target = SchemaBuilder.struct()
    .field("id", Schema.INT64)
    .field("optional", optional)
    .field("required", required)
    .build();
  const projected = SchemaProjector.project(source, new Struct(source).put("id", 1), target) as Struct;
  assert.deepEqual(
    [...projected.values].map((value) => value ?? null),
    [1, null, "y"],
  );
  assert.equal(projected.get("optional"), "x");
});
