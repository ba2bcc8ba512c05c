import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigDef, configDefinitionInfo, configValueInfo } from "./config-def.ts";
import { type ConfigType, configText, parseConfigType } from "./config-type.ts";
import {
  CaseInsensitiveValidString,
  type ConfigValidator,
  composite,
  ListSize,
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

test("parseConfigType names the class of a value that is not text", () => {
  const refused: readonly (readonly [ConfigType, unknown, string])[] = [
    ["STRING", true, "Expected value to be a string, but it was a java.lang.Boolean"],
    ["PASSWORD", [], "Expected value to be a string, but it was a java.util.ArrayList"],
    ["INT", 2.5, "Expected value to be a 32-bit integer, but it was a java.lang.Double"],
    ["INT", 3e9, "Expected value to be a 32-bit integer, but it was a java.lang.Long"],
    ["SHORT", true, "Expected value to be a 16-bit integer (short), but it was a java.lang.Boolean"],
    ["LONG", 0.5, "Expected value to be a 64-bit integer (long), but it was a java.lang.Double"],
    ["DOUBLE", true, "Expected value to be a double, but it was a java.lang.Boolean"],
    ["BOOLEAN", 1, "Expected value to be either true or false"],
    ["LIST", 1, "Expected a comma separated list."],
    ["CLASS", 1, "Expected a Class instance or class name."],
  ];
  for (const [type, value, reason] of refused) {
    assert.throws(
      () => parseConfigType("k", value, type),
      (error: Error) => error.message.endsWith(`for configuration k: ${reason}`),
      `${type} ${value}`,
    );
  }
});

test("validators describe themselves as Kafka's do", () => {
  const descriptions: readonly (readonly [ConfigValidator, string])[] = [
    [Range.atLeast(1), "[1,...]"],
    [Range.between(1, 3), "[1,...,3]"],
    [ValidString.in("a", "b"), "[a, b]"],
    [CaseInsensitiveValidString.in("a", "B"), "(case insensitive) [A, B]"],
    [NonEmptyString, "non-empty string"],
    [NonEmptyStringWithoutControlChars, "non-empty string without ISO control characters"],
    [ValidList.in(["a", "b"], false), "[a, b]"],
    [ValidList.anyNonDuplicateValues(true, true), ""],
    [ListSize.atMostOfSize(2), "List containing maximum of 2 elements"],
    [composite(NonEmptyString, ValidString.in("a")), "non-empty string, [a]"],
  ];
  for (const [validator, description] of descriptions) assert.equal(String(validator), description);
});

test("ListSize counts elements", () => {
  ListSize.atMostOfSize(2).ensureValid("k", ["a", "b"]);
  assert.throws(() => ListSize.atMostOfSize(2).ensureValid("k", ["a", "b", "c"]), {
    message: "Invalid value [a, b, c] for configuration k: exceeds maximum list size of [2].",
  });
});
