import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseCases } from "./golden-case.ts";
import { runCase } from "./run-case.ts";

/** The only cases whose answer differs, as known-differences.ts allows. */
const DIFFERENT = [
  "cast-unsupported-010",
  "jsonfrom-schemaless-045",
  "jsonto-logical-timestamp-009",
  "maskfield-replace-odd-018",
  "maskfield-replace-odd-020",
  "tsconv-precision-in-006",
  "tsconv-precision-in-013",
  "tsconv-precision-in-020",
  "tsconv-precision-out-017",
  "tsconv-precision-out-023",
];

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".jsonl"));

for (const file of files.sort()) {
  test(`golden ${file}: every answer is Java's own`, async (t) => {
    const { cases, bad } = parseCases(readFileSync(join(import.meta.dirname, file), "utf8"));
    assert.deepEqual(bad, []);
    for (const golden of cases) {
      await t.test(golden.id, () => {
        const outcome = runCase(golden);
        if (outcome.type === "different") assert.fail(outcome.text);
        const differs = outcome.type === "known";
        assert.equal(differs, DIFFERENT.includes(golden.id), differs ? outcome.reason : "no longer differs");
      });
    }
  });
}
