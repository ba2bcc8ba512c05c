import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOrder } from "./hash-order.ts";

test("hashOrder is the order of a HashMap that grew with its keys", () => {
  const names = Array.from({ length: 30 }, (_, i) => `field_${i}`);
  assert.deepEqual(hashOrder(names).slice(-3), ["field_17", "field_18", "field_19"]);
  assert.deepEqual(hashOrder(["zeta", "alpha"]), ["zeta", "alpha"]);
});
