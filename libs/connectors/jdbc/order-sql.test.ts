import assert from "node:assert/strict";
import { test } from "node:test";
import { type OrderWords, orderBy, sliceWhere } from "./order-sql.ts";

const words = (time: string | null, keys: readonly string[]): OrderWords => ({
  time,
  keys,
  instant: (nanos) => `@${nanos}`,
  text: (value) => `'${value}'`,
});

test("sliceWhere and orderBy ask for rows after an id", () => {
  const ids = words(null, ["id"]);
  assert.equal(sliceWhere(ids, { after: { nanos: null, keys: [3] }, upTo: 9 }), "id > 3 AND id <= 9");
  assert.equal(sliceWhere(ids, { after: { nanos: null, keys: [3] }, upTo: null }), "id > 3");
  assert.equal(orderBy(ids), "id ASC");
});

test("sliceWhere asks for rows after a timestamp, and after a row among equal ones", () => {
  assert.equal(sliceWhere(words("t", []), { after: { nanos: 5n, keys: null }, upTo: 9n }), "t > @5 AND t < @9");
  assert.equal(
    sliceWhere(words("t", ["a", "b"]), { after: { nanos: 5n, keys: [1, "x"] }, upTo: 9n }),
    "t >= @5 AND (t > @5 OR (a > 1 OR (a = 1 AND b > 'x'))) AND t < @9",
  );
  assert.equal(orderBy(words("t", ["a", "b"])), "t ASC, a ASC, b ASC");
});
