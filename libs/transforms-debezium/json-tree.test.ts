import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type JsonTree, parseJsonTree } from "./json-tree.ts";

function plain(tree: JsonTree): unknown {
  switch (tree.type) {
    case "object":
      return Object.fromEntries([...tree.fields].map(([name, value]) => [name, plain(value)]));
    case "array":
      return tree.elements.map(plain);
    case "null":
      return null;
    case "integer":
      return "more than 64 bits";
    case "long":
      return Number(tree.value);
    default:
      return tree.value;
  }
}

test("reads whatever JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(3), (json, spaces) => {
      const text = JSON.stringify(JSON.parse(json), null, spaces);
      fc.pre(!/__proto__|[0-9]{19}/.test(text));
      assert.deepEqual(plain(parseJsonTree(text)!), JSON.parse(text));
    }),
  );
});

test("refuses what JSON.parse refuses, but for what follows the first value", () => {
  const noise = fc.array(fc.constantFrom(..."{}[]\",:0123-+.eE\\utrfnal \n\u0001'"), { maxLength: 12 });
  fc.assert(
    fc.property(noise, (chars) => {
      const text = `[${chars.join("")}`;
      if (parseJsonTree(text) !== null) return;
      assert.throws(() => JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
  for (const text of [
    "[01]",
    "[1,]",
    "[.5]",
    "[1.]",
    "[-]",
    "{1:2}",
    '["\u0001"]',
    '["\\x"]',
    "[nul]",
    "[",
    "",
    "['a']",
  ]) {
    assert.equal(parseJsonTree(text), null, text);
  }
  assert.deepEqual(parseJsonTree("[1] and more"), { type: "array", elements: [{ type: "int", value: 1 }] });
});

test("tells whole numbers by size and from fractions", () => {
  const typeOf = (text: string) => parseJsonTree(text)!;
  assert.deepEqual(typeOf("2147483647"), { type: "int", value: 2147483647 });
  assert.deepEqual(typeOf("-2147483649"), { type: "long", value: -2147483649 });
  assert.deepEqual(typeOf("9223372036854775807"), { type: "long", value: 9223372036854775807n });
  assert.deepEqual(typeOf("9223372036854775808"), { type: "integer" });
  assert.deepEqual(typeOf("1.0"), { type: "double", value: 1 });
  assert.deepEqual(typeOf("1e3"), { type: "double", value: 1000 });
  assert.deepEqual(typeOf("-0"), { type: "int", value: 0 });
  assert.deepEqual(typeOf("-0.0"), { type: "double", value: -0 });
});

test("keeps names in their order; the last value of a repeated one counts", () => {
  const tree = parseJsonTree('{"2":1,"1":2,"2":3}') as Extract<JsonTree, { type: "object" }>;
  assert.deepEqual([...tree.fields.keys()], ["2", "1"]);
  assert.deepEqual(tree.fields.get("2"), { type: "int", value: 3 });
});

test("goes a thousand levels deep and no deeper", () => {
  assert.notEqual(parseJsonTree("[".repeat(1000) + "]".repeat(1000)), null);
  assert.equal(parseJsonTree("[".repeat(1001) + "]".repeat(1001)), null);
});
