import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type KeyParts, readKeys, writeKeys } from "./java-keys.ts";

const OBJECTS = "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870";
const INTEGER =
  "7200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870";

/** Written by java.io.ObjectOutputStream. */
const vectors: readonly (readonly [KeyParts | null, readonly string[], string])[] = [
  [null, [], "aced000570"],
  [["5"], ["int4"], `${OBJECTS}0000000173${INTEGER}00000005`],
  [["5", "7"], ["int4", "int2"], `${OBJECTS}0000000273${INTEGER}000000057371007e000200000007`],
  [
    ["10000000001", "3", "d1", null, "é1", "4", "x"],
    ["int8", "int4", "text", "text", "text", "int8", "varchar"],
    `${OBJECTS}0000000773` +
      "72000e6a6176612e6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565" +
      "787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b020000787000000002540be401" +
      "737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565" +
      "7871007e000300000003740002643170740003c3a9317371007e0002000000000000000474000178",
  ],
];

test("writes and reads what Java does", () => {
  for (const [parts, types, hex] of vectors) {
    assert.equal(writeKeys(parts, types), hex);
    assert.deepEqual(readKeys(hex), parts);
  }
});

test("reads what it has written", () => {
  const part = fc.oneof(
    fc.tuple(fc.constant("int4"), fc.integer().map(String)),
    fc.tuple(fc.constant("int8"), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    fc.tuple(fc.constant("text"), fc.option(fc.string())),
    fc.tuple(fc.constant("uuid"), fc.option(fc.uuid())),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const texts = parts.map(([, text]) => text);
      const hex = writeKeys(
        texts,
        parts.map(([type]) => type),
      );
      assert.deepEqual(readKeys(hex), texts);
    }),
  );
});

test("refuses classes it does not know", () => {
  assert.throws(
    () => readKeys(`${OBJECTS}0000000173720009612e622e4f74686572${"0".repeat(16)}020000787000`),
    /a\.b\.Other/,
  );
  assert.throws(() => readKeys("00"), /cannot be read/);
});
