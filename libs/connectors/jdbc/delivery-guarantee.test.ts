import assert from "node:assert/strict";
import { test } from "node:test";
import { exactlyOnceSupport } from "./delivery-guarantee.ts";

test("exactlyOnceSupport holds for modes with an order, with their guard, and for nothing else", () => {
  const support = (more: Record<string, string>) => exactlyOnceSupport({ mode: "incrementing", ...more });
  assert.equal(support({}), "SUPPORTED");
  assert.equal(support({ mode: "timestamp" }), "SUPPORTED");
  assert.equal(support({ mode: "timestamp+incrementing" }), "SUPPORTED");
  assert.equal(support({ "millrace.in.flight.guard": "False" }), "UNSUPPORTED");
  assert.equal(support({ mode: "timestamp", "query.suffix": "LIMIT 10" }), "UNSUPPORTED");
  assert.equal(support({ mode: "bulk" }), "UNSUPPORTED");
  assert.equal(exactlyOnceSupport({}), "UNSUPPORTED");
});
