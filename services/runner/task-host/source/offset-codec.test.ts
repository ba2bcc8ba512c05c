import assert from "node:assert/strict";
import { test } from "node:test";
import type { OffsetMap } from "@millrace/connect";
import fc from "fast-check";
import { canonicalKey, decodeOffset, decodePartition, encodeOffset, encodePartition } from "./offset-codec.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => (value === null ? null : new TextDecoder().decode(value));

test("encodePartition and encodeOffset write Connect's own bytes", () => {
  const partition = { filename: "/tmp/ä.txt", n: 1, big: 2n ** 60n, on: true, none: null };
  assert.equal(
    text(encodePartition('c"1', partition)),
    '["c\\"1",{"filename":"/tmp/ä.txt","n":1,"big":1152921504606846976,"on":true,"none":null}]',
  );
  assert.equal(text(encodeOffset({ position: 7 })), '{"position":7}');
  assert.equal(text(encodeOffset({})), "{}");
  assert.equal(encodeOffset(null), null);
});

test("encodeOffset refuses what is not primitive, in Connect's words", () => {
  for (const value of [{}, [], undefined, Number.NaN, Number.POSITIVE_INFINITY, () => 0]) {
    assert.throws(() => encodeOffset({ at: value } as unknown as OffsetMap), {
      name: "DataError",
      message: /^Offsets may only contain primitive types as values, but field at contains /,
    });
  }
});

test("decodePartition passes over keys that are not ours to touch", () => {
  for (const key of ["", "{", "null", '"c"', "{}", "[]", '["c"]', '["c",null]', '["c",[]]', "[1,{}]", '["c",{},1]']) {
    assert.equal(decodePartition(bytes(key)), null, key);
  }
  assert.deepEqual(decodePartition(bytes('[ "c", {"a": 1} ]')), { connector: "c", partition: { a: 1 } });
});

test("decodeOffset gives null for a tombstone and for what is not a map", () => {
  for (const value of [null, bytes("null"), bytes("[1]"), bytes("7"), bytes("nonsense")]) {
    assert.equal(decodeOffset(value), null);
  }
});

test("canonicalKey is the same whatever the order of keys, and tells values apart", () => {
  assert.equal(canonicalKey("c", { a: 1, b: "x" }), canonicalKey("c", { b: "x", a: 1 }));
  assert.notEqual(canonicalKey("c", { a: 1 }), canonicalKey("c", { a: "1" }));
  assert.notEqual(canonicalKey("c", { a: 1 }), canonicalKey("d", { a: 1 }));
});

const map = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ),
);

test("decodePartition reads back what encodePartition wrote", () => {
  fc.assert(
    fc.property(fc.string(), map, (connector, partition) => {
      const read = decodePartition(encodePartition(connector, partition));
      assert.equal(read?.connector, connector);
      assert.equal(canonicalKey(connector, read!.partition), canonicalKey(connector, partition));
    }),
  );
});

test("decodeOffset reads back what encodeOffset wrote, in the same order", () => {
  fc.assert(
    fc.property(map, (offset) => {
      const read = decodeOffset(encodeOffset(offset));
      assert.deepEqual(Object.keys(read!), Object.keys(offset));
      for (const [key, value] of Object.entries(offset))
        assert.ok(Object.is(read![key], Object.is(value, -0) ? 0 : value));
    }),
  );
});
