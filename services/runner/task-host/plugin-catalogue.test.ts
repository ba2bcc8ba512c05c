import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, type Plugin, type PluginType } from "@millrace/connect";
import { PluginCatalogue } from "./plugin-catalogue.ts";

function plugin(type: PluginType, name: string, aliases: string[] = [], version = "1"): Plugin {
  return {
    type,
    class: name,
    aliases,
    version,
    overview: "",
    config: new ConfigDef(),
    create: () => ({}),
  } as never;
}

const catalogue = new PluginCatalogue([
  plugin("converter", "org.apache.kafka.connect.json.JsonConverter"),
  plugin("header_converter", "org.apache.kafka.connect.storage.SimpleHeaderConverter"),
  plugin("converter", "org.apache.kafka.connect.storage.StringConverter"),
  plugin("header_converter", "org.apache.kafka.connect.storage.StringConverter"),
  plugin("source", "a.FileStreamSourceConnector", ["com.vendor.FileSource"]),
  plugin("sink", "a.JdbcConnector"),
  plugin("source", "b.JdbcConnector"),
  plugin("transformation", "a.Cast$Value"),
  plugin("predicate", "a.HasHeaderKey"),
]);

const found: [name: string, types: PluginType[], expected: string][] = [
  ["a.FileStreamSourceConnector", ["source", "sink"], "a.FileStreamSourceConnector"],
  ["FileStreamSourceConnector", ["source", "sink"], "a.FileStreamSourceConnector"],
  ["FileStreamSource", ["source"], "a.FileStreamSourceConnector"],
  ["com.vendor.FileSource", ["source"], "a.FileStreamSourceConnector"],
  ["FileSource", ["source"], "a.FileStreamSourceConnector"],
  ["Json", ["converter"], "org.apache.kafka.connect.json.JsonConverter"],
  ["Simple", ["header_converter"], "org.apache.kafka.connect.storage.SimpleHeaderConverter"],
  ["String", ["header_converter"], "org.apache.kafka.connect.storage.StringConverter"],
  ["b.JdbcConnector", ["source", "sink"], "b.JdbcConnector"],
  ["Jdbc", ["sink"], "a.JdbcConnector"],
  ["a.Cast$Value", ["transformation"], "a.Cast$Value"],
];

for (const [name, types, expected] of found) {
  test(`PluginCatalogue finds ${name} as ${types.join(" or ")}`, () => {
    const match = catalogue.find(name, ...types);
    assert.equal(match.class, expected);
    assert.ok(types.includes(match.type));
  });
}

test("PluginCatalogue refuses a name that means several, and one that means none", () => {
  assert.throws(() => catalogue.find("Jdbc", "source", "sink"), {
    code: "PLUGIN_AMBIGUOUS",
    message:
      "More than one connector matches alias Jdbc. Please use full package and class name instead. Classes found: a.JdbcConnector, b.JdbcConnector",
  });
  for (const [name, type] of [
    ["Nothing", "source"],
    ["Json", "header_converter"],
    ["Connector", "source"],
    ["", "source"],
  ] as const) {
    assert.throws(() => catalogue.find(name, type), { code: "PLUGIN_UNKNOWN" }, name);
  }
});

test("PluginCatalogue lists plugins in Connect's order", () => {
  assert.deepEqual(
    catalogue.plugins.map(({ type, class: name }) => `${type} ${name.slice(name.lastIndexOf(".") + 1)}`),
    [
      "sink JdbcConnector",
      "source FileStreamSourceConnector",
      "source JdbcConnector",
      "transformation Cast$Value",
      "predicate HasHeaderKey",
      "converter JsonConverter",
      "converter StringConverter",
      "header_converter SimpleHeaderConverter",
      "header_converter StringConverter",
    ],
  );
});

const versions = new PluginCatalogue([
  plugin("sink", "x.Table", [], "1.10.0"),
  plugin("sink", "x.Table", ["y.Table"], "1.9.0"),
  plugin("sink", "x.Table", [], "2.0.0-rc1"),
  plugin("converter", "x.Text", [], "1.0"),
  plugin("header_converter", "x.Text", [], "1.0"),
  plugin("header_converter", "x.Text", [], "0.9"),
]);

const chosen: [name: string, requirement: string | null, expected: string][] = [
  ["x.Table", null, "2.0.0-rc1"],
  ["x.Table", "latest", "2.0.0-rc1"],
  ["Table", "1.9", "1.9.0"],
  ["y.Table", "[1.0,2.0-a)", "1.9.0"],
  ["Table", "[1.0,1.99)", "1.10.0"],
  ["Table", "(,1.10)", "1.9.0"],
];

for (const [name, requirement, expected] of chosen) {
  test(`PluginCatalogue chooses ${name} ${requirement ?? "in no particular version"}`, () => {
    assert.equal(versions.choose(name, requirement, "sink").version, expected);
  });
}

test("PluginCatalogue lists the versions of a class, oldest first, each once", () => {
  assert.deepEqual(versions.versionsOf("Table", "sink", "source"), ["1.9.0", "1.10.0", "2.0.0-rc1"]);
  assert.deepEqual(versions.versionsOf("Text", "converter", "header_converter"), ["0.9", "1.0"]);
  assert.deepEqual(versions.versionsOf("Nothing", "sink"), []);
  assert.deepEqual(catalogue.versionsOf("Jdbc", "source", "sink"), []);
});

test("PluginCatalogue takes the first type of a class that has several", () => {
  assert.equal(versions.find("Text", "header_converter", "converter").type, "converter");
  assert.equal(versions.find("x.Text", "header_converter").version, "1.0");
});

test("PluginCatalogue says in Connect's words that a version is not there", () => {
  const message =
    "Plugin x.Table not found that matches the version range [3,3], available versions: [1.9.0, 1.10.0, 2.0.0-rc1]";
  assert.throws(() => versions.choose("Table", "3", "sink"), { message, code: "PLUGIN_VERSION_UNKNOWN" });
  assert.throws(() => versions.choose("Table", "[3", "sink"), { message: "Unbounded range: [3" });
});

test("a nested class has no short name, and is told of under the class it is nested in", () => {
  const catalogue = new PluginCatalogue([
    plugin("transformation", "a.Cast$Value"),
    plugin("transformation", "a.Cast$Key"),
  ]);
  for (const name of ["Cast$Value", "Value", "a.Cast"])
    assert.deepEqual(catalogue.versionsOf(name, "transformation"), []);
  assert.deepEqual(catalogue.nestedIn("a.Cast", "transformation"), ["a.Cast$Key", "a.Cast$Value"]);
  assert.deepEqual(catalogue.nestedIn("a.Cast", "predicate"), []);
});
