import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigDef, configDefinitionInfo, configValueInfo } from "./config-def.ts";
import { type ConfigType, configText, parseConfigType } from "./config-type.ts";
import {
  CaseInsensitiveValidString,
  type ConfigValidator,
  NonEmptyString,
  NonEmptyStringWithoutControlChars,
  Range,
  ValidList,
  ValidString,
} from "./config-validators.ts";
import { ConfigError } from "./errors.ts";
import { Password } from "./password.ts";

const tasksMax = {
  name: "tasks.max",
  type: "INT",
  default: "1",
  validator: Range.atLeast(1),
  importance: "HIGH",
  documentation: "Maximum number of tasks.",
} as const;
const name = { name: "name", type: "STRING", importance: "HIGH", documentation: "Its name." } as const;

test("ConfigDef.parse fills in parsed defaults and leaves unknown keys out", () => {
  const parsed = new ConfigDef().define(tasksMax).define(name).parse({ name: " x ", other: "y" });
  assert.deepEqual(parsed, { "tasks.max": 1, name: "x" });
});

test("ConfigDef.parse fails with Kafka's words", () => {
  const def = new ConfigDef().define(tasksMax).define(name);
  const message = (props: Record<string, string>): string => {
    try {
      def.parse(props);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
    return "ok";
  };
  assert.equal(message({}), 'Missing required configuration "name" which has no default value.');
  assert.equal(
    message({ name: "x", "tasks.max": "abc" }),
    "Invalid value abc for configuration tasks.max: Not a number of type INT",
  );
  assert.equal(
    message({ name: "x", "tasks.max": "0" }),
    "Invalid value 0 for configuration tasks.max: Value must be at least 1",
  );
});

test("ConfigDef.validate gathers every error, the validator's view of a missing value included", () => {
  const def = new ConfigDef().define({ ...tasksMax, default: undefined }).define(name);
  assert.deepEqual(
    def.validate({}).map(({ errors }) => errors),
    [
      [
        'Missing required configuration "tasks.max" which has no default value.',
        "Invalid value null for configuration tasks.max: Value must be non-null",
      ],
      ['Missing required configuration "name" which has no default value.'],
    ],
  );
});

test("ConfigDef.validate asks recommenders with what was parsed, parents before dependents", () => {
  const def = new ConfigDef().define({ ...name, name: "mode", dependents: ["column"] }).define({
    ...name,
    name: "column",
    default: null,
    recommender: {
      validValues: (_name, parsed) => [`${parsed.mode}_id`],
      visible: (_name, parsed) => parsed.mode !== "bulk",
    },
  });
  const [, column] = def.validate({ mode: "bulk" });
  assert.deepEqual(column, { name: "column", value: null, recommendedValues: ["bulk_id"], errors: [], visible: false });
});

test("ConfigDef.validate shows a dependent nobody defined", () => {
  const values = new ConfigDef().define({ ...name, default: "", dependents: ["ghost"] }).validate({});
  assert.deepEqual(values[1]?.errors, ["ghost is referred in the dependents, but not defined."]);
});

test("ConfigDef.define refuses a second definition and a default that is not valid", () => {
  assert.throws(() => new ConfigDef().define(name).define(name), { message: "Configuration name is defined twice." });
  assert.throws(() => new ConfigDef().define({ ...tasksMax, default: 0 }), ConfigError);
});

test("configDefinitionInfo and configValueInfo give REST's shapes and hide passwords", () => {
  const def = new ConfigDef().define({
    ...name,
    name: "secret",
    type: "PASSWORD",
    default: "s3",
    group: "Auth",
    width: "LONG",
  });
  assert.deepEqual(configDefinitionInfo(def.keys.get("secret")!), {
    name: "secret",
    type: "PASSWORD",
    required: false,
    default_value: "[hidden]",
    importance: "HIGH",
    documentation: "Its name.",
    group: "Auth",
    order_in_group: -1,
    width: "LONG",
    display_name: "secret",
    dependents: [],
  });
  const [value] = def.validate({ secret: "hunter2" });
  assert.deepEqual(configValueInfo(value!, "PASSWORD"), {
    name: "secret",
    value: "[hidden]",
    recommended_values: [],
    errors: [],
    visible: true,
  });
});

test("Password shows itself nowhere", () => {
  const password = new Password("hunter2");
  const shown = [String(password), JSON.stringify({ password }), inspect({ password }), `${password}`];
  assert.ok(shown.every((text) => !text.includes("hunter2")));
  assert.equal(password.value, "hunter2");
});

test("parseConfigType reads text as Java does", () => {
  const cases: readonly (readonly [ConfigType, string, unknown])[] = [
    ["BOOLEAN", " True ", true],
    ["LIST", "a , b,,c", ["a", "b", "", "c"]],
    ["LIST", "  ", []],
    ["INT", "+5", 5],
    ["LONG", "9223372036854775807", 9223372036854775807n],
    ["DOUBLE", "1e3", 1000],
    ["CLASS", " org.x.Y ", "org.x.Y"],
  ];
  for (const [type, text, value] of cases) assert.deepEqual(parseConfigType("k", text, type), value, text);
});

test("parseConfigType takes the digits of any script, and splits lists at ASCII white space only", () => {
  assert.equal(parseConfigType("n", "\u0661\u0662", "INT"), 12);
  assert.deepEqual(parseConfigType("n", "a\u00a0,\t b", "LIST"), ["a\u00a0", "b"]);
});

test("parseConfigType refuses what overflows or is not a number", () => {
  const refused: readonly (readonly [ConfigType, string])[] = [
    ["SHORT", "32768"],
    ["INT", "2147483648"],
    ["INT", "1.0"],
    ["LONG", "9223372036854775808"],
    ["DOUBLE", "x"],
  ];
  for (const [type, text] of refused) {
    assert.throws(() => parseConfigType("k", text, type), {
      message: `Invalid value ${text} for configuration k: Not a number of type ${type}`,
    });
  }
});

test("configText writes defaults as Java does", () => {
  assert.equal(configText(["a", "b"], "LIST"), "a,b");
  assert.equal(configText(1, "DOUBLE"), "1.0");
  assert.equal(configText(false, "BOOLEAN"), "false");
  assert.equal(configText(null, "STRING"), null);
});

test("validators use Kafka's words", () => {
  const cases: readonly (readonly [ConfigValidator, unknown, string])[] = [
    [Range.between(1, 3), 4, "Invalid value 4 for configuration k: Value must be no more than 3"],
    [ValidString.in("a", "b"), "c", "Invalid value c for configuration k: String must be one of: a, b"],
    [
      CaseInsensitiveValidString.in("a"),
      "c",
      "Invalid value c for configuration k: String must be one of (case insensitive): A",
    ],
    [NonEmptyString, "", "Invalid value  for configuration k: String must be non-empty"],
    [
      NonEmptyStringWithoutControlChars,
      "a\t\n",
      "Invalid value a\t\n for configuration k: " +
        "String may not contain control sequences but had the following ASCII chars: 9, 10",
    ],
    [ValidList.anyNonDuplicateValues(true, false), ["a", "a"], "Configuration 'k' values must not be duplicated."],
    [ValidList.anyNonDuplicateValues(true, false), [""], "Configuration 'k' values must not be empty."],
    [
      ValidList.anyNonDuplicateValues(false, false),
      [],
      "Configuration 'k' must not be empty. Valid values include: any non-empty value",
    ],
    [ValidList.in(["a"]), ["b"], "Invalid value b for configuration k: String must be one of: a"],
  ];
  for (const [validator, value, message] of cases) assert.throws(() => validator.ensureValid("k", value), { message });
});

test("parse takes repeated elements out of a list that may not have them, validate complains", () => {
  const def = new ConfigDef().define({
    name: "k",
    type: "LIST",
    validator: ValidList.anyNonDuplicateValues(false, false),
    importance: "HIGH",
    documentation: "",
  });
  assert.deepEqual(def.parse({ k: "b,a,b" }), { k: ["b", "a"] });
  assert.deepEqual(def.validate({ k: "b,a,b" })[0]?.errors, ["Configuration 'k' values must not be duplicated."]);
});
