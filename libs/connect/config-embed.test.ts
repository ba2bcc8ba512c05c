import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef } from "./config-def.ts";
import { Range } from "./config-validators.ts";

const inner = (): ConfigDef =>
  new ConfigDef()
    .define({
      name: "size",
      type: "INT",
      default: 1,
      validator: Range.atLeast(1),
      importance: "HIGH",
      documentation: "How large.",
      group: "Limits",
      orderInGroup: 1,
      dependents: ["unit"],
    })
    .define({
      name: "unit",
      type: "STRING",
      importance: "LOW",
      documentation: "Of what.",
      group: "Units",
      recommender: {
        validValues: (name, parsed) => [`${name} of ${parsed.size}`],
        visible: (_name, parsed) => parsed.size !== 2,
      },
    })
    .define({ name: "note", type: "STRING", default: null, importance: "LOW", documentation: "Whatever." });

const outer = (): ConfigDef =>
  new ConfigDef()
    .define({ name: "size", type: "INT", default: 9, importance: "LOW", documentation: "Another.", group: "Own" })
    .embed({ definition: inner(), prefix: "box.", group: "Box", orderInGroup: 10 });

test("embed puts keys under a prefix, in groups of their own, in the order of documentation", () => {
  const keys = [...outer().keys.values()].map(({ name, group, orderInGroup }) => ({ name, group, orderInGroup }));
  assert.deepEqual(keys, [
    { name: "size", group: "Own", orderInGroup: -1 },
    { name: "box.note", group: "Box", orderInGroup: 10 },
    { name: "box.size", group: "Box: Limits", orderInGroup: 11 },
    { name: "box.unit", group: "Box: Units", orderInGroup: 12 },
  ]);
  assert.deepEqual(outer().groups, ["Own", "Box", "Box: Limits", "Box: Units"]);
});

test("embedded keys keep what is required, what depends on them, and name themselves without the prefix in errors", () => {
  const values = outer().validate({ "box.size": "0" });
  const errors = Object.fromEntries(values.map((value) => [value.name, value.errors]));
  assert.deepEqual(errors, {
    size: [],
    "box.note": [],
    "box.size": ["Invalid value 0 for configuration size: Value must be at least 1"],
    "box.unit": ['Missing required configuration "box.unit" which has no default value.'],
  });
  assert.deepEqual(outer().keys.get("box.size")?.dependents, ["box.unit"]);
});

test("embedded recommenders see their own keys only, without the prefix", () => {
  const unit = outer()
    .validate({ size: "7", "box.size": "2", "box.unit": "kg" })
    .find(({ name }) => name === "box.unit");
  assert.deepEqual(unit?.recommendedValues, ["unit of 2"]);
  assert.equal(unit?.visible, false);
});
