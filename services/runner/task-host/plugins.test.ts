import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ConfigDef, type Plugin, type PluginType } from "@millrace/connect";
import { loadPlugins, PluginCatalogue } from "./plugins.ts";

function plugin(type: PluginType, name: string, aliases: string[] = []): Plugin {
  return {
    type,
    class: name,
    aliases,
    version: "1",
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
  ["Cast$Value", ["transformation"], "a.Cast$Value"],
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

test("loadPlugins finds packages by their package.json, in folders and from a manifest, and leaves out what fails", async () => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-plugins-"));
  after(() => rmSync(dir, { recursive: true }));
  const write = (path: string, manifest: object, code: string) => {
    mkdirSync(join(dir, path), { recursive: true });
    writeFileSync(join(dir, path, "package.json"), JSON.stringify({ type: "module", ...manifest }));
    writeFileSync(join(dir, path, "plugin.mjs"), code);
  };
  const one = (name: string) =>
    `{ type: "sink", class: "${name}", version: "1", overview: "", config: {}, create() {} }`;
  write("many/one", { millrace: "./plugin.mjs" }, `export default ${one("x.One")};`);
  write("many/two", { millrace: "./plugin.mjs" }, `export default [${one("x.Two")}, ${one("x.Three")}];`);
  write("many/none", {}, "throw new Error('not a plugin: must not be loaded');");
  write("many/broken", { millrace: "./plugin.mjs" }, "throw new Error('broken');");
  write("single", { millrace: "./plugin.mjs" }, `export default ${one("x.Four")};`);
  write("built", {}, `export default ${one("x.Five")};`);
  writeFileSync(join(dir, "plugins.json"), JSON.stringify([{ package: "built", file: "./built/plugin.mjs" }]));
  const failed: string[] = [];
  const loaded = await loadPlugins(
    { manifest: join(dir, "plugins.json"), folders: [join(dir, "many"), join(dir, "single"), join(dir, "absent")] },
    (file, error) => failed.push(`${file.slice(dir.length)}: ${String(error)}`),
  );
  assert.deepEqual(
    loaded.plugins.map((each) => each.class),
    ["x.Five", "x.Four", "x.One", "x.Three", "x.Two"],
  );
  assert.deepEqual(failed, ["/many/broken/plugin.mjs: Error: broken"]);
});

test("loadPlugins gives plugins the runtime's own @millrace/connect, though they bring a copy", async () => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-plugins-"));
  after(() => rmSync(dir, { recursive: true }));
  const copy = join(dir, "node_modules/@millrace/connect");
  mkdirSync(copy, { recursive: true });
  writeFileSync(join(copy, "package.json"), JSON.stringify({ type: "module", exports: "./index.js" }));
  writeFileSync(join(copy, "index.js"), "export class ConfigDef {}");
  writeFileSync(join(dir, "package.json"), JSON.stringify({ type: "module", millrace: "./plugin.ts" }));
  writeFileSync(
    join(dir, "plugin.ts"),
    `import { ConfigDef, type SinkPlugin } from "@millrace/connect";
    const config: ConfigDef = new ConfigDef();
    export default { type: "sink", class: "x.Own", version: "1", overview: "", config } as SinkPlugin;`,
  );
  const sdk = import.meta.resolve("@millrace/connect");
  const loaded = await loadPlugins({ manifest: null, folders: [dir], sdk }, (_file, error) => {
    throw error;
  });
  assert.ok(loaded.find("x.Own", "sink").config instanceof ConfigDef);
});
