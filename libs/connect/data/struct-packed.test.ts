import assert from "node:assert/strict";
import { test } from "node:test";
import { type PackedRow, SchemaBuilder, Struct, Timestamp } from "../mod.ts";

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
  assert.deepEqual([packed.made, struct.values, struct.get("n"), struct.getInt32("n"), packed.made], [0, [7], 7, 7, 1]);
  assert.equal(struct.packed, null);
});

test("a packed struct stays packed when single texts and numbers are asked for", () => {
  const both = SchemaBuilder.struct()
    .field("id", SchemaBuilder.int32().build())
    .field("at", Timestamp.builder().optional().build())
    .field("note", SchemaBuilder.string().defaultValue("none").build())
    .build();
  const values = [7, new Date(5), null];
  const packed: PackedRow = {
    ...row(7),
    layout: [{ form: "digits" }, { form: "millis" }, { form: "utf8" }],
    locate: (bounds) => bounds.set([0, 1, 1, 2, 2, -1]),
    value: (field) => values[field],
    values: () => [...values],
  };
  const struct = Struct.ofPacked(both, packed);
  assert.deepEqual(
    [struct.get("id"), struct.getInt32("id"), struct.valueAt(2), struct.get("note")],
    [7, 7, null, "none"],
  );
  assert.equal(struct.packed, packed);
  assert.equal(struct.get("at"), struct.get("at"), "a Date may be changed, and is the same each time");
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
