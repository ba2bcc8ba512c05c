import assert from "node:assert/strict";
import { test } from "node:test";
import { plotControlPlane } from "./plot.ts";
import { percentile, renderFailover } from "./report.ts";

test("percentile takes the value that so many are not above", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(
    [0.5, 0.95, 0.99, 1].map((share) => percentile(values, share)),
    [50, 95, 99, 100],
  );
  assert.equal(percentile([7], 0.99), 7);
  assert.equal(percentile([], 0.5), 0);
});

test("renderFailover leaves out drains where there were none", () => {
  const text = renderFailover([{ label: "x", crashMs: [1_000, 3_000], drainGapMs: [], drainMs: [] }]);
  assert.match(text, /\| x \| killed: a task flows again \| 2 \| 1\.00 s \| 3\.00 s \| 3\.00 s \|/);
  assert.ok(!text.includes("drained"));
});

test("plotControlPlane draws a line for each cost, with a point for each size", () => {
  const point = { createP50Ms: 1, createP95Ms: 12, runningP50Ms: 90, runningP95Ms: 99, cpuMs: 5, listMs: 1 };
  const more = { listStatusMs: 1, listAllMs: 1, idleCpuMs: 1, rssMb: {} };
  const points = [100, 1_000, 2_000].map((connectors) => ({ connectors, ...point, ...more }));
  const svg = plotControlPlane({ label: "x", points });
  const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, path]) => path!.split(" ").length);
  assert.deepEqual(lines, [3, 3, 3]);
  assert.ok(!svg.includes("NaN"));
});
