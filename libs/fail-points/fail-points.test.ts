import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type FailPoint, failPoint, failPoints, onFailPoint } from "./mod.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("every fail point is used exactly once in the code, and none that is not registered", () => {
  const used = ["libs", "services"].flatMap((dir) =>
    readdirSync(join(root, dir), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("node_modules"))
      .flatMap((file) => [...readFileSync(join(root, dir, file), "utf8").matchAll(/failPoint\("([^"]+)"\)/g)])
      .map(([, name]) => name!),
  );
  const registered = Object.keys(failPoints);
  // The registry's own comment shows how one is used.
  assert.deepEqual(used.filter((name) => name !== "name").sort(), registered.sort());
  assert.ok(registered.length >= 40);
});

test("a fail point does nothing until somebody listens, and then says its name", () => {
  const passed: FailPoint[] = [];
  failPoint("source.poll.before");
  onFailPoint((name) => passed.push(name));
  failPoint("source.poll.after");
  onFailPoint(null);
  failPoint("source.poll.before");
  assert.deepEqual(passed, ["source.poll.after"]);
});
