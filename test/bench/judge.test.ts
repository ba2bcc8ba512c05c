import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "./judge.ts";

const runs = (...rates: number[]) => runsOf("file-source-eos", rates);
const runsOf = (workload: string, rates: readonly number[]) =>
  rates.map((rate, i) => ({ workload, run: i + 1, ok: true, rate, rss_peak_mb: 100 }));

test("judge takes the median of the later runs and compares it with the goal", () => {
  const { table, reached } = judge(
    { label: "m", runs: runs(1, 310, 330, 320) },
    { label: "c", runs: runs(999, 100, 100, 100).map((run) => ({ ...run, rss_peak_mb: 300 })) },
    { label: "recorded", runs: [] },
  );
  assert.match(table, /records\/s \| 320 \| 100 \| 3\.20 \| ≥ 3 \| reached/);
  assert.ok(reached);
});

test("judge falls back to the recorded figure and says so", () => {
  const { table, reached } = judge(
    { label: "m", runs: runs(1, 200) },
    { label: "c", runs: [] },
    { label: "recorded", runs: runs(1, 100) },
  );
  assert.match(table, /100 \(recorded\) \| 2\.00 \| ≥ 3 \| NOT reached/);
  assert.equal(reached, false);
});

test("judge holds a chain of transforms to three times the peer's rate", () => {
  const nothing = { label: "recorded", runs: [] };
  const judged = (rate: number) =>
    judge(
      { label: "m", runs: runsOf("smt-chain", [1, rate]) },
      { label: "c", runs: runsOf("smt-chain", [1, 100]) },
      nothing,
    );
  assert.equal(judged(299).reached, false);
  assert.equal(judged(300).reached, true);
});
