import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal, Int32, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import fc from "fast-check";
import { plainJson } from "./plain-json.ts";

const row = SchemaBuilder.struct().field("id", Schema.INT64).field("tags", SchemaBuilder.array(Schema.STRING).build());
const round: unknown[] = [];
round.push(round);

test("plainJson shows any data that Connect knows", () => {
  const cases: [unknown, string][] = [
    [null, "null"],
    [undefined, "null"],
    ['a "text"', '"a \\"text\\""'],
    [12n ** 20n, "3833759992447475122176"],
    [1.5, "1.5"],
    [Number.NaN, '"NaN"'],
    [new Int32(7), "7"],
    [new Uint8Array([1, 2, 255]), '"AQL/"'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Date(Number.NaN), "null"],
    [Struct.of(row.build(), [1n, ["x"]]), '{"id":1,"tags":["x"]}'],
    [new Map<unknown, unknown>([[1, { a: [true] }]]), '{"1":{"a":[true]}}'],
    [new Decimal(1234n, 2), '"12.34"'],
    [Symbol("s"), '"Symbol(s)"'],
  ];
  for (const [value, expected] of cases) assert.equal(plainJson(value), expected);
});

test("plainJson is cut where data goes round, and is JSON whatever it is given", () => {
  assert.doesNotThrow(() => JSON.parse(plainJson(round)));
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), (value) => {
      JSON.parse(plainJson(value));
    }),
  );
});
