import assert from "node:assert/strict";
import { test } from "node:test";
import { versionProblem } from "./plugin-version.ts";

const plugin = { class: "a.B", version: "4.3.1" };
const met = [
  "4.3.1",
  " 4.3.1 ",
  "latest",
  "[4.3.1]",
  "[4.3,)",
  "(,5)",
  "(4.3.0,4.3.1]",
  "(,1],[4,5)",
  "[ 4.3 , 5 ]",
  "(4.3.1-rc1,)",
];
const unmet: [requirement: string, shown: string][] = [
  ["99.1", "[99.1,99.1]"],
  ["4.3", "[4.3,4.3]"],
  ["(4.3.1,)", "(4.3.1,)"],
  ["(,4.3.1)", "(,4.3.1)"],
  ["[1,2],[5,6]", "[1,2],[5,6]"],
];

for (const requirement of met) {
  test(`versionProblem finds nothing wrong with ${JSON.stringify(requirement)} for 4.3.1`, () => {
    assert.equal(versionProblem(plugin, requirement), null);
  });
}

for (const [requirement, shown] of unmet) {
  test(`versionProblem tells that no version matches ${requirement}`, () => {
    const message = `Plugin a.B not found that matches the version range ${shown}, available versions: [4.3.1]`;
    assert.equal(versionProblem(plugin, requirement), message);
  });
}

for (const requirement of ["[1.0", "(1.0)", "[1,2,3]", "[1,2]x", "[]"]) {
  test(`versionProblem refuses ${requirement} as no specification`, () => {
    assert.equal(versionProblem(plugin, requirement), `Invalid version specification: ${requirement}`);
  });
}
