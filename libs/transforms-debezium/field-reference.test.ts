import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { parseReferences, referredValue, resolveReferences } from "./field-reference.ts";

const source = SchemaBuilder.struct().field("lsn", Schema.INT64).field("table", Schema.STRING).build();
const transaction = SchemaBuilder.struct().optional().field("id", Schema.STRING).build();
const envelope = SchemaBuilder.struct()
  .field("source", source)
  .field("transaction", transaction)
  .field("op", Schema.STRING)
  .field("note", Schema.OPTIONAL_STRING)
  .build();

function read(list: string, change: Struct): Record<string, unknown> {
  const resolved = resolveReferences(parseReferences("__", list), envelope);
  return Object.fromEntries(resolved.map((reference) => [reference.name, referredValue(reference, change)]));
}

test("a name says where it is looked for and what it is called", () => {
  assert.deepEqual(parseReferences("__", "op, source.lsn ,table:TBL,id"), [
    { struct: null, field: "op", newName: "__op" },
    { struct: "source", field: "lsn", newName: "__source_lsn" },
    { struct: "source", field: "table", newName: "__TBL" },
    { struct: "transaction", field: "id", newName: "__id" },
  ]);
  assert.deepEqual(parseReferences("__", ""), []);
});

test("a name is refused when it has two colons or nothing before one", () => {
  const javaClass = (expected: string) => (error: unknown) =>
    (error as { readonly javaClass?: string }).javaClass === expected;
  assert.throws(() => parseReferences("", "a:b:c"), { message: "Unexpected field name: a:b:c" });
  assert.throws(() => parseReferences("", "."), javaClass("java.lang.ArrayIndexOutOfBoundsException"));
  assert.throws(() => parseReferences("", "a,:"), javaClass("java.lang.ArrayIndexOutOfBoundsException"));
});

test("values come from the struct that has the field, else from the envelope, else not at all", () => {
  const change = new Struct(envelope)
    .put("source", new Struct(source).put("lsn", 7).put("table", "orders"))
    .put("op", "c")
    .put("note", "n");
  assert.deepEqual(read("op,lsn,note,nope,source.note", change), {
    __op: "c",
    __lsn: 7,
    __note: "n",
    __source_note: "n",
  });
});

test("a struct that is null gives null, even for a field of the envelope", () => {
  const change = new Struct(envelope).put("source", new Struct(source).put("lsn", 7).put("table", "t")).put("op", "c");
  assert.deepEqual(read("transaction.id,transaction.op", change), { __transaction_id: null, __transaction_op: null });
});

test("added fields are optional and keep their schema's name", () => {
  const named = SchemaBuilder.struct().field(
    "at",
    SchemaBuilder.int64().name("io.debezium.time.NanoTimestamp").build(),
  );
  const [reference] = resolveReferences(
    parseReferences("", "x.at"),
    SchemaBuilder.struct().field("x", named.build()).build(),
  );
  assert.equal(reference?.schema.optional, true);
  assert.equal(reference?.schema.name, "io.debezium.time.NanoTimestamp");
});
