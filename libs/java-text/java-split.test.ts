import assert from "node:assert/strict";
import { test } from "node:test";
import { javaSplit } from "./java-split.ts";

test("javaSplit leaves out empty parts at the end, and only there", () => {
  assert.deepEqual(javaSplit("a:b", ":"), ["a", "b"]);
  assert.deepEqual(javaSplit(":a::b::", ":"), ["", "a", "", "b"]);
  assert.deepEqual(javaSplit("::", ":"), []);
  assert.deepEqual(javaSplit("", ":"), [""]);
});
