import assert from "node:assert/strict";
import { test } from "node:test";
import { applyHeaderRules, headerRules } from "./response-headers.ts";

test("rules set and add headers, with commas in quotes and dates from now on", () => {
  const rules = headerRules(
    'add Cache-Control: no-store , "add Cache-Control: a, b",set X-Frame-Options:DENY, setDate Expires: 1000,set X: a:b',
  );
  const headers = new Headers({ "x-frame-options": "ALLOW" });
  applyHeaderRules(rules, headers, 0);
  assert.deepEqual(Object.fromEntries(headers), {
    "cache-control": "no-store, a, b",
    expires: "Thu, 01 Jan 1970 00:00:01 GMT",
    x: "a:b",
    "x-frame-options": "DENY",
  });
  assert.deepEqual(headerRules(" "), []);
});

test("what is no rule is refused by its text", () => {
  for (const part of ["put X:1", "set X", "set", "setDate X: soon"]) {
    assert.throws(
      () => headerRules(`add A:1,${part}`),
      (error: Error) => error.message.includes(`'${part}' is not`),
    );
  }
});
