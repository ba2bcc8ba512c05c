import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schemaName } from "./schema-name.ts";

test("schemaName shows a plain group id unchanged", () => {
  assert.equal(schemaName("orders_eu_2"), "millrace_orders_eu_2");
});

test("schemaName tells group ids apart that look alike", () => {
  const names = [
    "connect-cluster",
    "connect_cluster",
    "Connect-Cluster",
    "connect__cluster",
    "connect-cluster-",
    "",
  ].map(schemaName);
  assert.equal(new Set(names).size, names.length);
  assert.match(schemaName("connect-cluster"), /^millrace_connect_cluster__[0-9a-f]{16}$/);
});

test("schemaName is a safe identifier for any group id, and distinct ids get distinct names", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      assert.match(schemaName(a), /^millrace_[a-z0-9_]+$/);
      assert.ok(schemaName(a).length <= 63);
      if (a !== b) assert.notEqual(schemaName(a), schemaName(b));
    }),
  );
});
