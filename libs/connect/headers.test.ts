import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectDate, Decimal, Time } from "./data/logical.ts";
import { Schema } from "./data/schema.ts";
import { SchemaBuilder } from "./data/schema-builder.ts";
import { Struct } from "./data/struct.ts";
import { ConnectHeaders } from "./headers.ts";

const keys = (headers: ConnectHeaders): string[] => [...headers].map(({ key }) => key);
const sample = (): ConnectHeaders => new ConnectHeaders().addInt("a", 1).addString("b", "x").addInt("a", 2);

test("typed adds give Java's schemas, for null too", () => {
  const list = SchemaBuilder.array(Schema.STRING).build();
  const added = new ConnectHeaders()
    .addString("s", null)
    .addByte("i8", -128)
    .addLong("i64", 2n ** 62n)
    .addDecimal("d", Decimal.fromString("1.50"))
    .addDecimal("none", null)
    .addList("l", ["a"], list)
    .addStruct("r", new Struct(SchemaBuilder.struct().name("r").build()))
    .addDate("day", null);
  assert.deepEqual(
    [...added].map(({ schema }) => String(schema)),
    [
      "Schema{STRING}",
      "Schema{INT8}",
      "Schema{INT64}",
      "Schema{org.apache.kafka.connect.data.Decimal:BYTES}",
      "null",
      "Schema{ARRAY}",
      "Schema{r:STRUCT}",
      "Schema{org.apache.kafka.connect.data.Date:INT32}",
    ],
  );
  assert.equal(Decimal.scaleOf(added.lastWithName("d")!.schema!), 2);
});

test("typed adds refuse what does not fit", () => {
  const headers = new ConnectHeaders();
  assert.throws(() => headers.addByte("k", 128), {
    message: "The value 128 is not compatible with the schema Schema{INT8}",
  });
  assert.throws(() => headers.addList("k", [], Schema.STRING), {
    message: "Expecting Schema{STRING} but instead found STRING",
  });
  assert.throws(() => headers.addDate("k", new Date(1)), { message: /should not have any time fields/ });
  assert.throws(() => headers.addTime("k", new Date(-1)), { message: /should not have any date fields/ });
  assert.ok(headers.isEmpty);
});

test("add takes what a logical schema's type holds, as Java does", () => {
  const headers = new ConnectHeaders().add("k", 5, Time.SCHEMA).add("k", new Date(5), Time.SCHEMA);
  assert.equal(headers.size, 2);
  assert.throws(() => headers.add("k", "x", ConnectDate.SCHEMA));
});

test("retainLatest keeps the last of every key, or of one", () => {
  const doubled = (): ConnectHeaders => sample().addString("b", "y");
  assert.deepEqual(keys(doubled().retainLatest()), ["a", "b"]);
  assert.deepEqual(keys(doubled().retainLatest("a")), ["b", "a", "b"]);
});

test("apply changes, keeps and removes headers", () => {
  const bigger = sample().apply((header) => (header.value === 1 ? { ...header, value: 10 } : header), "a");
  assert.deepEqual(
    [...bigger].map(({ value }) => value),
    [10, "x", 2],
  );
  assert.deepEqual(keys(sample().apply(({ key, ...rest }) => (key === "a" ? null : { key, ...rest }))), ["b"]);
});

test("equals looks at keys, values, schemas and their order", () => {
  assert.ok(sample().equals(sample()));
  assert.ok(!sample().equals(sample().addBoolean("c", true)));
  assert.ok(!sample().equals(new ConnectHeaders().addInt("a", 1).addInt("a", 2).addString("b", "x")));
  assert.ok(!new ConnectHeaders().addInt("a", 1).equals(new ConnectHeaders().addLong("a", 1)));
});

test("toString shows headers as Java does", () => {
  assert.equal(String(new ConnectHeaders()), "ConnectHeaders(headers=)");
  assert.equal(
    String(new ConnectHeaders().addDouble("a", 1)),
    "ConnectHeaders(headers=[ConnectHeader(key=a, value=1.0, schema=Schema{FLOAT64})])",
  );
});
