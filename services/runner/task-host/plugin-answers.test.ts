import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, type Plugin } from "@millrace/connect";
import { pluginDefinitions, pluginInfos } from "./plugin-answers.ts";
import { PluginCatalogue } from "./plugin-catalogue.ts";

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

const env = {
  plugins: new PluginCatalogue([
    plugin("sink", "x.VersionedSink", "2.0.0"),
    plugin("sink", "x.VersionedSink", "1.0.0"),
    plugin("transformation", "x.Rename", "1.1.0"),
    plugin("source", "a.Twin", "1"),
    plugin("source", "b.Twin", "1"),
  ]),
};

test("pluginInfos lists every version", () => {
  assert.deepEqual(
    pluginInfos(env).map(({ class: name, version }) => `${name} ${version}`),
    ["x.VersionedSink 1.0.0", "x.VersionedSink 2.0.0", "a.Twin 1", "b.Twin 1", "x.Rename 1.1.0"],
  );
});

const answers: [name: string, version: string | null, option: string][] = [
  ["x.VersionedSink", null, "option.2.0.0"],
  ["VersionedSink", "latest", "option.2.0.0"],
  ["x.VersionedSink", "1.0", "option.1.0.0"],
  ["x.VersionedSink", "[1.0,2.0)", "option.1.0.0"],
  ["Rename", "[1,)", "option.1.1.0"],
];

for (const [name, version, option] of answers) {
  test(`pluginDefinitions of ${name} ${version ?? "in the newest version"}`, () => {
    assert.equal(pluginDefinitions(env, name, version)[0]?.name, option);
  });
}

test("pluginDefinitions shows the newest version as a connector's default, whichever is asked for", () => {
  const keys = pluginDefinitions(env, "x.VersionedSink", "1.0.0");
  assert.equal(keys.find((key) => key.name === "connector.plugin.version")?.default_value, "2.0.0");
  assert.equal(keys.find((key) => key.name === "key.converter.plugin.version")?.default_value, null);
});

const refused: [name: string, version: string | null, code: string, message: string][] = [
  ["x.Nothing", null, "NOT_FOUND", "Unknown plugin x.Nothing."],
  ["Twin", null, "NOT_FOUND", "Unknown plugin Twin."],
  ["x.Nothing", "1.0", "NOT_FOUND", "Unknown plugin x.Nothing."],
  ["x.Nothing", "[1", "INVALID", "Invalid version specification: [1"],
  ["x.VersionedSink", "[2,1]", "INVALID", "Invalid version specification: [2,1]"],
  [
    "x.VersionedSink",
    "9",
    "INVALID",
    "Plugin x.VersionedSink not found that matches the version range [9,9], available versions: [1.0.0, 2.0.0]",
  ],
  [
    "VersionedSink",
    "",
    "INVALID",
    "Plugin x.VersionedSink not found that matches the version range [,], available versions: [1.0.0, 2.0.0]",
  ],
];

for (const [name, version, code, message] of refused) {
  test(`pluginDefinitions refuses ${name} ${JSON.stringify(version)}`, () => {
    assert.throws(() => pluginDefinitions(env, name, version), { code, message });
  });
}
