import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleSimulation, type SimulationBundle } from "./bundle.ts";
import { runSeeds } from "./pool.ts";
import { type Outcome, simulate } from "./simulation.ts";

const SEEDS = 1_000;
const SEEDS_PER_TEST = 125;
const REPLAYED_SEEDS = [1, 2, 3, 4, 5, 6];

let bundle: SimulationBundle;
before(async () => {
  bundle = await bundleSimulation();
});
after(() => bundle.remove());

for (let from = 1; from <= SEEDS; from += SEEDS_PER_TEST) {
  test(`seeds ${from} to ${from + SEEDS_PER_TEST - 1}: nothing lost, doubled or out of order, no two owners, nobody stuck`, async () => {
    const failed = (await outcomes(seedsFrom(from, SEEDS_PER_TEST))).filter(({ failure }) => failure !== null);
    const told = failed.map(
      ({ seed, failure }) => `${failure?.checker}: ${failure?.message}
  replay: npm run test:sim -- --seed ${seed} --trace`,
    );
    assert.deepEqual(told, []);
  });
}

test("a seed goes the same way each time, event for event, in a thread and beside other runs", async () => {
  const inThreads = new Map((await outcomes(REPLAYED_SEEDS)).map((outcome) => [outcome.seed, outcome]));
  const replay = async (seed: number) => {
    const lines: string[] = [];
    const outcome = await simulate({ seed, line: (line) => lines.push(line) });
    return { outcome, lines };
  };
  for (const seed of REPLAYED_SEEDS) {
    const [first, second] = [await replay(seed), await replay(seed)];
    assert.ok(first.lines.length > 500, `only ${first.lines.length} lines`);
    assert.deepEqual(second.lines, first.lines);
    assert.deepEqual([second.outcome, inThreads.get(seed)], [first.outcome, first.outcome]);
  }
});

test("seeds differ from one another", async () => {
  const hashes = new Set((await outcomes(REPLAYED_SEEDS)).map(({ hash }) => hash));
  assert.equal(hashes.size, REPLAYED_SEEDS.length);
});

function seedsFrom(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

async function outcomes(seeds: readonly number[]): Promise<Outcome[]> {
  const all: Outcome[] = [];
  await runSeeds({ file: bundle.file, seeds, outcome: (outcome) => all.push(outcome) > 0 });
  return all;
}
