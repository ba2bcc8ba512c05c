import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { systemClock } from "@millrace/time";
import { loadPlugins } from "../../services/runner/task-host/plugins.ts";
import { SchemaBuilder, Struct } from "./mod.ts";
import { installConnect, readmeCode, writeReadmePlugins } from "./testing/readme-code.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dir = writeReadmePlugins();
after(() => rmSync(dir, { recursive: true }));

// Before the copy for tests is there: what runs gets the runtime's.
const loaded = await loadPlugins(
  { manifest: null, folders: [dir], sdk: new URL("./mod.ts", import.meta.url).href },
  {
    clock: systemClock,
    failed: (_file, error) => {
      throw error;
    },
  },
);

test("the README's plugins are found in plugin.path by the names users give", () => {
  assert.equal(loaded.find("HttpFeedSource", "source").version, "1.0.0");
  assert.equal(loaded.find("RedactEmails", "transformation").class, "com.example.RedactEmails");
  const { config } = JSON.parse(readmeCode("feed.json"));
  assert.deepEqual(
    loaded
      .find(config["connector.class"], "source")
      .config.validate(config)
      .flatMap(({ errors }) => errors),
    [],
  );
  assert.ok(loaded.find(config["transforms.redact.type"], "transformation"));
});

test("the README's transform takes addresses out of structs, lists and maps", () => {
  const transform = loaded.find("RedactEmails", "transformation").create();
  transform.configure({ replacement: "$&" });
  const text = SchemaBuilder.string().build();
  const schema = SchemaBuilder.struct().field("a", text).field("b", SchemaBuilder.array(text).build()).build();
  const value = new Struct(schema).put("a", "to ada@example.com, and b.c+d@x-y.co.uk.").put("b", ["x@y.z", "none"]);
  const given = new Map<string, unknown>([
    ["struct", value],
    ["plain", { inner: "a@b.cd" }],
    ["n", 1],
  ]);
  const changed = transform.apply({ topic: "t", value: given })!.value as Map<string, unknown>;
  assert.equal(String(changed.get("struct")), "Struct{a=to $&, and $&.,b=[$&, none]}");
  assert.deepEqual([changed.get("plain"), changed.get("n")], [{ inner: "$&" }, 1]);
});

test("the README's code passes the compiler as strict as ours", async () => {
  installConnect(dir);
  const settings = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(root, "node_modules/@types")], preserveSymlinks: false },
    include: [join(dir, "*/*.ts")],
    exclude: [],
  };
  writeFileSync(join(dir, "tsconfig.json"), JSON.stringify(settings));
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", dir]).catch((error) => error);
  assert.equal(stdout, "");
});

// Each registers its acceptance suite here.
for (const name of ["redact-emails", "http-feed"]) {
  await import(pathToFileURL(join(dir, name, "plugin.test.ts")).href);
}
