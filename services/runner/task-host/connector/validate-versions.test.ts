import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, type Plugin } from "@millrace/connect";
import { openHostFixture } from "../../testing/host-fixture.ts";
import { validateConnector } from "./validate.ts";

function plugin(type: Plugin["type"], name: string, version: string): Plugin {
  const config = new ConfigDef().define({
    name: `option.${version}`,
    type: "STRING",
    default: "",
    importance: "LOW",
    documentation: "An option.",
  });
  return { type, class: name, version, overview: "", config, create: () => ({}) } as never;
}

const plugins = ["1.0.0", "1.1.0", "2.0.0"].flatMap((version) => [
  plugin("sink", "x.VSink", version),
  plugin("converter", "x.VConverter", version),
  plugin("transformation", "x.VTransform", version),
  plugin("predicate", "x.VPredicate", version),
]);

/** Errors by key, and the keys of the plugins' own options. */
async function validate(config: Record<string, string>) {
  const { env } = openHostFixture({ plugins });
  const { infos } = await validateConnector(env, { name: "n", "connector.class": "x.VSink", topics: "t", ...config });
  const errors: Record<string, readonly string[]> = {};
  for (const { value } of infos.configs) if (value && value.errors.length > 0) errors[value.name] = value.errors;
  const options = infos.configs.flatMap(({ value }) => (value?.name.includes("option.") ? [value.name] : []));
  const entry = (name: string) => infos.configs.find(({ value }) => value?.name === name);
  return { errors, options, entry };
}

const notFound = (name: string, range: string) =>
  `Plugin ${name} not found that matches the version range ${range}, available versions: [1.0.0, 1.1.0, 2.0.0]`;

/** What is asked for, and the version that is taken. */
const requirements: [requirement: string | null, version: string][] = [
  [null, "2.0.0"],
  ["latest", "2.0.0"],
  ["1.0.0", "1.0.0"],
  [" 1.1 ", "1.1.0"],
  ["[1.0.0,2.0.0)", "1.1.0"],
];

interface Case {
  readonly what: string;
  readonly config: Record<string, string>;
  readonly versionKey: string;
  readonly classKey: string;
  readonly class: string;
  readonly prefix: string;
}

const cases: Case[] = [
  {
    what: "connector",
    config: {},
    versionKey: "connector.plugin.version",
    classKey: "connector.class",
    class: "x.VSink",
    prefix: "",
  },
  {
    what: "converter",
    config: { "value.converter": "x.VConverter" },
    versionKey: "value.converter.plugin.version",
    classKey: "value.converter",
    class: "x.VConverter",
    prefix: "value.converter.",
  },
  {
    what: "transform",
    config: { transforms: "t", "transforms.t.type": "VTransform" },
    versionKey: "transforms.t.plugin.version",
    classKey: "transforms.t.type",
    class: "x.VTransform",
    prefix: "transforms.t.",
  },
  {
    what: "predicate",
    config: { predicates: "p", "predicates.p.type": "x.VPredicate" },
    versionKey: "predicates.p.plugin.version",
    classKey: "predicates.p.type",
    class: "x.VPredicate",
    prefix: "predicates.p.",
  },
];

for (const { what, config, versionKey, classKey, class: name, prefix } of cases) {
  for (const [requirement, version] of requirements) {
    test(`validateConnector takes a ${what} in version ${requirement ?? "latest by default"}`, async () => {
      const given = requirement === null ? config : { ...config, [versionKey]: requirement };
      const { errors, options, entry } = await validate(given);
      assert.deepEqual(errors, {});
      assert.ok(options.includes(`${prefix}option.${version}`), options.join(", "));
      const shown = entry(versionKey);
      assert.equal(shown?.definition?.default_value, "2.0.0");
      assert.deepEqual(shown?.value?.recommended_values, ["1.0.0", "1.1.0", "2.0.0"]);
    });
  }

  test(`validateConnector refuses a ${what} in a version that is not there, at both keys`, async () => {
    for (const [requirement, range] of [
      ["9", "[9,9]"],
      ["(2,)", "(2,)"],
      ["", "[,]"],
    ] as const) {
      const { errors, options } = await validate({ ...config, [versionKey]: requirement });
      const message = notFound(name, range);
      assert.deepEqual(errors, { [classKey]: [message], [versionKey]: [message] });
      assert.ok(!options.some((option) => option.startsWith(`${prefix}option.`) && what !== "connector"));
    }
  });
}

test("validateConnector says in Maven's words what is no version", async () => {
  await assert.rejects(validate({ "connector.plugin.version": "[1" }), {
    code: "INVALID",
    message: "Unbounded range: [1",
  });
  const converter = await validate({ "value.converter": "x.VConverter", "value.converter.plugin.version": "[1" });
  assert.deepEqual(converter.errors, { "value.converter.plugin.version": ["Unbounded range: [1"] });
  const transform = await validate({
    transforms: "t",
    "transforms.t.type": "x.VTransform",
    "transforms.t.plugin.version": "[2,1]",
  });
  const message = "Range defies version ordering: [2,1]";
  assert.deepEqual(transform.errors, { "transforms.t.type": [message], "transforms.t.plugin.version": [message] });
});

test("validateConnector leaves the version of a converter alone that is the worker's", async () => {
  const { errors, entry } = await validate({ "value.converter.plugin.version": "9" });
  assert.deepEqual(errors, {});
  assert.equal(entry("value.converter.plugin.version")?.value?.value, "9");
});

test("validateConnector knows no converters while the connector's version is in doubt", async () => {
  const { entry } = await validate({ "connector.plugin.version": "9", "value.converter": "x.VConverter" });
  assert.deepEqual(entry("key.converter")?.value, {
    name: "key.converter",
    value: null,
    recommended_values: [],
    errors: [],
    visible: true,
  });
  assert.equal(entry("key.converter.plugin.version")?.value?.visible, false);
  assert.equal(entry("value.converter.plugin.version")?.value?.visible, true);
});
