import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { millraceVersion } from "./version.ts";

const root = join(import.meta.dirname, "../..");
const read = (folder: string) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));

/** The workspace's packages; `*` stands for each folder that is one. */
function packageFolders(): string[] {
  return (read(".").workspaces as string[]).flatMap((pattern) => {
    const parent = pattern.replace("/*", "");
    return readdirSync(join(root, parent))
      .map((name) => join(parent, name))
      .filter((folder) => existsSync(join(root, folder, "package.json")));
  });
}

test("millraceVersion is the version of every package, and the one they ask of each other", () => {
  const folders = packageFolders();
  assert.ok(folders.includes("services/runner") && folders.includes("libs/connectors/jdbc"));
  for (const folder of [".", ...folders]) {
    const { version, dependencies = {} } = read(folder);
    assert.equal(version, millraceVersion, folder);
    for (const [name, wanted] of Object.entries(dependencies)) {
      if (name.startsWith("@millrace/")) assert.equal(wanted, millraceVersion, `${folder}: ${name}`);
    }
  }
});
