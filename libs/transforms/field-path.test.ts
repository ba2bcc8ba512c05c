import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import fc from "fast-check";
import { SingleFieldPath } from "./field-path.ts";

/** A map, map in map …, with "found" at the end of the names. */
function nest(...names: readonly string[]): Map<string, unknown> {
  const [name, ...rest] = names;
  return new Map([[name!, rest.length === 0 ? "found" : nest(...rest)]]);
}

test("V2 paths lead where they say", () => {
  const paths: readonly (readonly [string, ...string[]])[] = [
    ["a", "a"],
    ["a.b", "a", "b"],
    ["`a.b`.c", "a.b", "c"],
    ["a.`b.c`", "a", "b.c"],
    ["a`b.c", "a`b", "c"],
    ["`a`b`", "a`b"],
    ["`a\\`.b`", "a`.b"],
    ["`a\\`b`", "a\\`b"],
    ["``.a", "", "a"],
    ["a.", "a", ""],
    [".a", "", "a"],
    [".", "", ""],
    ["`a`.", "a", ""],
  ];
  for (const [text, ...names] of paths) {
    assert.equal(new SingleFieldPath(text, "V2").valueFromMap(nest(...names)), "found", text);
  }
});

test("V1 takes the text as one name", () => {
  assert.equal(new SingleFieldPath("`a.b`", "V1").valueFromMap(nest("`a.b`")), "found");
});

test("any names between backticks are found again", () => {
  const name = fc.stringMatching(/^[a-c.]{1,5}$/);
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const path = new SingleFieldPath(names.map((each) => `\`${each}\``).join("."), "V2");
      assert.equal(path.valueFromMap(nest(...names)), "found");
    }),
  );
});

test("a backtick that is not closed is refused with its position", () => {
  for (const [text, position] of [
    ["`", 0],
    ["a.`b", 2],
    ["`a\\`", 0],
    ["`a`b", 0],
  ] as const) {
    assert.throws(() => new SingleFieldPath(text, "V2"), {
      message: `Incomplete backtick pair in path: [${text}], consider adding a backslash before backtick at position ${position} to escape it`,
    });
  }
});

test("null and absence on the way end it, anything but a struct or map fails", () => {
  const path = new SingleFieldPath("a.b", "V2");
  assert.equal(path.valueFromMap(new Map([["a", null]])), null);
  assert.equal(path.valueFromMap({}), null);
  assert.throws(() => path.valueFromMap({ a: 1 }), /in absence of schema for \[nested field access\]/);
  const schema = SchemaBuilder.struct().field("a", Schema.INT32).build();
  assert.throws(() => path.fieldFrom(schema), { message: "Cannot look up fields on non-struct type" });
  assert.equal(new SingleFieldPath("x.b", "V2").fieldFrom(schema), undefined);
});

test("the empty path has no steps, and fails when it is used", () => {
  const path = new SingleFieldPath("", "V2");
  assert.throws(() => path.valueFromMap({}), { javaClass: "java.lang.IllegalArgumentException" });
});

test("defaults stand for null on the way always, at the end if wanted", () => {
  const inner = SchemaBuilder.struct().field("b", SchemaBuilder.string().optional().defaultValue("d").build()).build();
  const { type, fields } = inner;
  const outer = new Schema({ type, fields, optional: true, default: Struct.of(inner, [null]) });
  const schema = SchemaBuilder.struct().field("a", outer).build();
  const path = new SingleFieldPath("a.b", "V2");
  assert.equal(path.valueFromStruct(new Struct(schema), true), "d");
  assert.equal(path.valueFromStruct(new Struct(schema), false), null);
});
