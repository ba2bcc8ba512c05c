import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ConfigDef } from "@millrace/connect";
import { VirtualClock } from "@millrace/time";
import { loadPlugins, type PluginSources } from "./plugins.ts";

const sdk = import.meta.resolve("@millrace/connect");

/** A folder of files by path; JSON for what is no text. */
function folder(files: Readonly<Record<string, unknown>>): string {
  const dir = mkdtempSync(join(tmpdir(), "millrace-plugins-"));
  after(() => rmSync(dir, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return dir;
}

const PACKAGE = { type: "module", millrace: "./plugin.mjs" };
const one = (name: string, version = "1") =>
  `{ type: "sink", class: "${name}", version: "${version}", overview: "", config: { keys: new Map(), validate() {} }, create() {} }`;
const plugin = (name: string, version?: string) => `export default ${one(name, version)};`;

async function load(dir: string, sources: Partial<PluginSources>) {
  const failed: string[] = [];
  const catalogue = await loadPlugins(
    { manifest: null, folders: [dir], ...sources },
    {
      clock: new VirtualClock(),
      failed: (file, error) => failed.push(`${file.slice(dir.length)}: ${(error as Error).message}`),
    },
  );
  return { catalogue, failed, found: catalogue.plugins.map((each) => `${each.class} ${each.version}`) };
}

test("loadPlugins finds packages by their package.json, in folders and from a manifest", async () => {
  const dir = folder({
    "many/one/package.json": PACKAGE,
    "many/one/plugin.mjs": plugin("x.One"),
    "many/two/package.json": PACKAGE,
    "many/two/plugin.mjs": `export default [${one("x.Two")}, ${one("x.Three")}];`,
    "many/none/package.json": { type: "module" },
    "many/none/plugin.mjs": "throw new Error('not a plugin: must not be loaded');",
    "many/java/connector-1.0.jar": "",
    "many/driver.jar": "",
    "single/package.json": PACKAGE,
    "single/plugin.mjs": plugin("x.Four"),
    "built/plugin.mjs": plugin("x.Five"),
    "plugins.json": [{ package: "built", file: "./built/plugin.mjs" }],
  });
  const folders = [join(dir, "many"), join(dir, "single"), join(dir, "many/driver.jar")];
  const { found, failed } = await load(dir, { manifest: join(dir, "plugins.json"), folders });
  assert.deepEqual(found, ["x.Five 1", "x.Four 1", "x.One 1", "x.Three 1", "x.Two 1"]);
  assert.deepEqual(failed, []);
});

test("loadPlugins finds what npm installed: beside, in a scope, in a folder of its own; not a plugin's dependencies", async () => {
  const dir = folder({
    "node_modules/flat/package.json": PACKAGE,
    "node_modules/flat/plugin.mjs": plugin("x.Flat"),
    "node_modules/.cache/p/package.json": PACKAGE,
    "node_modules/.cache/p/plugin.mjs": "throw new Error('hidden: must not be loaded');",
    "node_modules/@acme/scoped/package.json": PACKAGE,
    "node_modules/@acme/scoped/plugin.mjs": plugin("x.Scoped"),
    "feed-2/package.json": { name: "made-by-npm-install" },
    "feed-2/node_modules/feed/package.json": PACKAGE,
    "feed-2/node_modules/feed/plugin.mjs": plugin("x.Feed", "2.0.0"),
    "feed-2/node_modules/feed/node_modules/dep/package.json": PACKAGE,
    "feed-2/node_modules/feed/node_modules/dep/plugin.mjs": "throw new Error('a dependency: must not be loaded');",
    "feed-1/package.json": PACKAGE,
    "feed-1/plugin.mjs": plugin("x.Feed", "1.5.0"),
  });
  symlinkSync(join(dir, "feed-1"), join(dir, "linked-twice"));
  const { found, failed } = await load(dir, {});
  assert.deepEqual(found, ["x.Feed 1.5.0", "x.Feed 2.0.0", "x.Flat 1", "x.Scoped 1"]);
  assert.deepEqual(failed, []);
});

test("loadPlugins leaves out what is broken, says which file and why, and loads the rest", async () => {
  const broken = (code: string, manifest: unknown = PACKAGE) => ({ manifest, code });
  const packages: Record<string, ReturnType<typeof broken>> = {
    a: broken("throw new Error('boom');"),
    b: broken("export const plugin = 1;"),
    c: broken(`export default "x.Text";`),
    d: broken(`export default [${one("x.Good")}, { type: "sing", class: "x.Odd" }];`),
    e: broken(`export default { type: "sink", class: "x.E", version: 2 };`),
    f: broken(`export default { type: "sink", class: "x.F", version: "2", config: {} };`),
    g: broken(`export default { type: "sink", class: "x.G", version: "2", config: { validate() {} } };`),
    h: broken(plugin("x.Good", "2")),
    i: broken(plugin("x.Good", "2")),
    j: broken("import 'nowhere-to-be-found';"),
    k: broken("", `{ "millrace": `),
    l: broken("", { millrace: 5 }),
    m: broken("", { millrace: "./elsewhere.mjs" }),
    n: broken("export default [];"),
    o: broken("export default {};"),
    z: broken(plugin("x.Last")),
  };
  const files = Object.entries(packages).flatMap(([name, { manifest, code }]) => [
    [`${name}/package.json`, manifest],
    [`${name}/plugin.mjs`, code],
  ]);
  const dir = folder(Object.fromEntries(files));
  const { found, failed } = await load(dir, { folders: [dir, join(dir, "absent")] });
  assert.deepEqual(found, ["x.Good 1", "x.Good 2", "x.Last 1"]);
  const make = "export a plugin, as definePlugin makes it";
  const expected: [string, RegExp | string][] = [
    ["/k", /^its package\.json cannot be read: /],
    ["/l", '"millrace" in its package.json must be the path of a module'],
    ["/m", '"millrace" in its package.json names ./elsewhere.mjs, which is not there'],
    ["/absent", /^plugin\.path names it, and it cannot be read: ENOENT/],
    ["/a/plugin.mjs", "boom"],
    ["/b/plugin.mjs", `it has no default export: ${make}, or a list of them`],
    ["/c/plugin.mjs", `its default export is a string: ${make}, or a list of them`],
    [
      "/d/plugin.mjs",
      `x.Odd: type is "sing", not one of source, sink, converter, header_converter, transformation, predicate`,
    ],
    ["/e/plugin.mjs", `x.E: version is number, not a text such as "1.0.0"`],
    ["/f/plugin.mjs", "x.F: config is object, not a ConfigDef"],
    ["/g/plugin.mjs", "x.G: create is missing, not a function"],
    ["/i/plugin.mjs", `x.Good 2 (sink) is already there, from ${dir}/h/plugin.mjs`],
    ["/j/plugin.mjs", /^Cannot find package 'nowhere-to-be-found'/],
    ["/n/plugin.mjs", "its default export is an empty list"],
    ["/o/plugin.mjs", `its default export has no class: ${make}`],
  ];
  assert.equal(failed.length, expected.length, failed.join("\n"));
  for (const [index, [file, reason]] of expected.entries()) {
    const line = failed[index]!;
    assert.ok(line.startsWith(`${file}: `), `${line} is not about ${file}`);
    const given = line.slice(file.length + 2);
    if (typeof reason === "string") assert.equal(given, reason);
    else assert.match(given, reason);
  }
});

test("loadPlugins gives up on a module that does not finish loading", async () => {
  const dir = folder({
    "late/package.json": PACKAGE,
    "late/plugin.mjs": "await new Promise(() => {});",
    "next/package.json": PACKAGE,
    "next/plugin.mjs": plugin("x.Next"),
  });
  const clock = new VirtualClock();
  const failed: string[] = [];
  let loaded: Awaited<ReturnType<typeof loadPlugins>> | null = null;
  const loading = loadPlugins(
    { manifest: null, folders: [dir] },
    { clock, failed: (file, error) => failed.push(`${file.slice(dir.length)}: ${(error as Error).message}`) },
  ).then((catalogue) => {
    loaded = catalogue;
  });
  while (loaded === null) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1_000);
  }
  await loading;
  assert.deepEqual(failed[0], "/late/plugin.mjs: it did not finish loading within 10 s");
});

test("loadPlugins gives plugins the runtime's own @millrace/connect, though they bring a copy", async () => {
  const dir = folder({
    "node_modules/@millrace/connect/package.json": { type: "module", exports: "./index.js" },
    "node_modules/@millrace/connect/index.js": "export class ConfigDef {}",
    "package.json": { type: "module", millrace: "./plugin.ts" },
    "plugin.ts": `import { ConfigDef, type SinkPlugin } from "@millrace/connect";
      const config: ConfigDef = new ConfigDef();
      export default { type: "sink", class: "x.Own", version: "1", overview: "", config, create() {} } as SinkPlugin;`,
  });
  const { catalogue, failed } = await load(dir, { sdk });
  assert.deepEqual(failed, []);
  assert.ok(catalogue.find("x.Own", "sink").config instanceof ConfigDef);
});

test("loadPlugins isolates plugins: each version has the dependencies it brings, as modules and as CommonJS", async () => {
  const dependency = (path: string, version: string) => ({
    [`${path}/node_modules/esm-dep/package.json`]: { name: "esm-dep", version, type: "module", exports: "./index.js" },
    [`${path}/node_modules/esm-dep/index.js`]: `export const state = { version: "${version}", calls: 0 };`,
    [`${path}/node_modules/cjs-dep/package.json`]: { name: "cjs-dep", version, main: "./index.cjs" },
    [`${path}/node_modules/cjs-dep/index.cjs`]: `module.exports = { version: "${version}" };`,
  });
  const code = (version: string) => `
    import { ConfigDef } from "@millrace/connect";
    import { state } from "esm-dep";
    import cjs from "cjs-dep";
    const create = () => ({ versions: [state.version, cjs.version], calls: ++state.calls });
    export default { type: "sink", class: "x.Dep", version: "${version}", overview: "", config: new ConfigDef(), create };`;
  const dir = folder({
    "dep-1/package.json": PACKAGE,
    "dep-1/plugin.mjs": code("1.0.0"),
    ...dependency("dep-1", "1.1.1"),
    "dep-2/package.json": PACKAGE,
    "dep-2/plugin.mjs": code("2.0.0"),
    ...dependency("dep-2", "2.2.2"),
  });
  const { catalogue, failed } = await load(dir, { sdk });
  assert.deepEqual(failed, []);
  const create = (version: string) => catalogue.choose("x.Dep", version, "sink").create() as unknown;
  assert.deepEqual(create("1.0.0"), { versions: ["1.1.1", "1.1.1"], calls: 1 });
  assert.deepEqual(create("latest"), { versions: ["2.2.2", "2.2.2"], calls: 1 });
  assert.deepEqual(create("[1,2)"), { versions: ["1.1.1", "1.1.1"], calls: 2 });
});
