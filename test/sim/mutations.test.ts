import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleSimulation } from "./bundle.ts";
import { MUTATIONS } from "./mutations.ts";
import { runSeeds } from "./pool.ts";
import type { Outcome } from "./simulation.ts";

/** Half of them are caught by one of the first five seeds, nearly all by one of the first fifty. */
const SEEDS_MAX = 400;
const SEEDS = Array.from({ length: SEEDS_MAX }, (_, i) => i + 1);
/** A run that ends so has told nothing of the bug. */
const NO_CHECKERS: readonly (string | undefined)[] = ["crash", "hang"];

for (const { name, replacements } of MUTATIONS) {
  test(`it is found when ${name}`, async (t) => {
    const bundle = await bundleSimulation(replacements);
    let found: Outcome | null = null;
    try {
      const outcome = (each: Outcome) => {
        if (each.failure !== null && !NO_CHECKERS.includes(each.failure.checker)) found ??= each;
        return found === null;
      };
      await runSeeds({ file: bundle.file, seeds: SEEDS, outcome });
    } finally {
      bundle.remove();
    }
    assert.ok(found, `none of ${SEEDS_MAX} seeds shows it`);
    const { seed, failure } = found as Outcome;
    t.diagnostic(`seed ${seed}: ${failure?.checker}: ${failure?.message}`);
  });
}

test("a deliberate bug whose place is gone is refused", async () => {
  const replacement = { file: "services/runner/runner.ts", find: "nowhere to be found", replace: "" };
  await assert.rejects(bundleSimulation([replacement]), /runner\.ts holds 0 times, not once: nowhere/);
});
