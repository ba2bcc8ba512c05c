import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { replaceField } from "./replace-field.ts";
import { configured, recordOf, sinkRecord, valueAfter } from "./testing/records.ts";

function textStruct(values: Readonly<Record<string, string>>): Struct {
  const builder = SchemaBuilder.struct();
  for (const name of Object.keys(values)) builder.field(name, Schema.STRING);
  return Struct.of(builder.build(), Object.values(values));
}

test("leaves out, keeps and renames by the old names", () => {
  const replace = configured(replaceField, { include: "a,b", exclude: "b", renames: "a:b" });
  const replaced = replace.apply(recordOf(textStruct({ a: "1", b: "2", c: "3" })));
  assert.equal(String(replaced?.value), "Struct{b=1}");
  const map = new Map([["a", 1]]);
  assert.deepEqual(replace.apply(sinkRecord({ value: map }))?.value, new Map([["b", 1]]));
  assert.deepEqual(map, new Map([["a", 1]]));
});

test("of two old names for one new one only the last in Java's order can be read", () => {
  const replace = configured(replaceField, { renames: "zeta:new,alpha:new" });
  assert.equal(String(replace.apply(recordOf(textStruct({ alpha: "x" })))?.value), "Struct{new=x}");
  assert.throws(() => replace.apply(recordOf(textStruct({ zeta: "x" }))), {
    message: "alpha is not a valid field name",
  });
});

test("a plan that fails, fails for every record", () => {
  const replace = configured(replaceField, { renames: "a:b" });
  for (let i = 0; i < 2; i++) {
    assert.throws(() => replace.apply(recordOf(textStruct({ a: "1", b: "2" }))), {
      message: "Cannot create field because of field name duplication b",
    });
  }
});

test("renames are split as Java splits", () => {
  for (const renames of ["a", "a:", ":", "a::b", "a:b,,c:d"]) {
    assert.throws(() => configured(replaceField, { renames }), /Invalid rename mapping: /, renames);
  }
  const record = sinkRecord({ value: { a: 1, "": 2 } });
  const names = (renames: string) => [...(valueAfter(configured(replaceField, { renames }), record) as Map<string, 0>)];
  assert.deepEqual(names("a:b::"), [
    ["b", 1],
    ["", 2],
  ]);
  assert.deepEqual(names(":b"), [
    ["a", 1],
    ["b", 2],
  ]);
});
