import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { headerFrom } from "./header-from.ts";
import { configured, recordOf, sinkRecord, sourceRecord } from "./testing/records.ts";

const NOTE = SchemaBuilder.string().optional().defaultValue("-").build();
const ROW = SchemaBuilder.struct().field("id", Schema.INT32).field("note", NOTE).build();
const MOVE = { fields: "note", headers: "h", operation: "move" };

test("a moved field leaves the struct and becomes the last header, with its schema", () => {
  const headers = new ConnectHeaders().add("h", "first", Schema.STRING);
  const moved = configured(headerFrom, MOVE).apply({ ...recordOf(Struct.of(ROW, [1, null])), headers });
  assert.equal(String(moved?.value), "Struct{id=1}");
  assert.deepEqual(
    [...(moved?.headers ?? [])],
    [
      { key: "h", value: "first", schema: Schema.STRING },
      { key: "h", value: "-", schema: NOTE },
    ],
  );
  assert.equal(headers.size, 1);
});

test("a copied field stays; one name may be used twice", () => {
  const copy = configured(headerFrom, { fields: "a,a", headers: "x,y", operation: "copy" });
  const record = sourceRecord({ value: { a: 1 } });
  const copied = copy.apply(record);
  assert.deepEqual(copied?.value, { a: 1 });
  assert.deepEqual(
    [...(copied?.headers ?? [])],
    [
      { key: "x", value: 1, schema: null },
      { key: "y", value: 1, schema: null },
    ],
  );
  assert.equal(record.headers, undefined);
});

test("a field that the schema lacks fails; without schema it is null", () => {
  const move = configured(headerFrom, { ...MOVE, fields: "zz" });
  assert.throws(() => move.apply(recordOf(Struct.of(ROW, [1, null]))), {
    javaClass: "java.lang.NullPointerException",
    message: "The schema Schema{STRUCT} has no field zz for header h. Correct 'fields'.",
  });
  const headers = move.apply(sinkRecord({ value: new Map() }))?.headers;
  assert.deepEqual([...(headers ?? [])], [{ key: "h", value: null, schema: null }]);
});

test("a struct that is not of the record's schema is read by its own", () => {
  const other = SchemaBuilder.struct().field("note", NOTE).field("id", Schema.INT32).build();
  const record = sinkRecord({ valueSchema: ROW, value: Struct.of(other, ["n", 1]) });
  const moved = configured(headerFrom, MOVE).apply(record);
  assert.equal(String(moved?.value), "Struct{id=1}");
  assert.equal(moved?.headers?.lastWithName("h")?.value, "n");
});
