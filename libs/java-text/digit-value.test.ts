import assert from "node:assert/strict";
import { test } from "node:test";
import { digitValue } from "./digit-value.ts";

test("digitValue knows the digits of every script, but none of two UTF-16 units", () => {
  const values = (text: string) => Array.from({ length: text.length }, (_, i) => digitValue(text.charCodeAt(i)));
  assert.deepEqual(values("09٠٩۵９"), [0, 9, 0, 9, 5, 9]);
  assert.deepEqual(
    values("/:a²½Ⅷ𝟘"),
    Array.from({ length: 8 }, () => -1),
  );
  assert.equal(digitValue(Number.NaN), -1);
});
