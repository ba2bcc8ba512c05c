import assert from "node:assert/strict";
import { test } from "node:test";
import { type PackedRow, SchemaBuilder, Struct } from "../mod.ts";

const schema = SchemaBuilder.struct().field("n", SchemaBuilder.int32().build()).build();

function row(n: number): PackedRow & { made: number } {
  return {
    made: 0,
    layout: [{ form: "other" }],
    bytes: Uint8Array.of(n),
    length: 1,
    locate() {},
    value: () => n,
    values() {
      this.made++;
      return [n];
    },
  };
}

test("a packed struct makes its values once, when they are asked for", () => {
  const packed = row(7);
  const struct = Struct.ofPacked(schema, packed);
  assert.equal(struct.packed, packed);
  assert.deepEqual([packed.made, struct.get("n"), struct.getInt32("n"), struct.values, packed.made], [0, 7, 7, [7], 1]);
  assert.equal(struct.packed, null);
});

test("a packed struct can be changed, and then its bytes are not used any more", () => {
  const struct = Struct.ofPacked(schema, row(7));
  struct.put("n", 8);
  assert.deepEqual([struct.packed, struct.values], [null, [8]]);
});

test("a packed struct equals one of the same values, and assertions tell others apart", () => {
  assert.ok(Struct.ofPacked(schema, row(7)).equals(Struct.of(schema, [7])));
  assert.ok(!Struct.ofPacked(schema, row(7)).equals(Struct.ofPacked(schema, row(8))));
  assert.notDeepEqual(Struct.ofPacked(schema, row(7)), Struct.ofPacked(schema, row(8)));
});
