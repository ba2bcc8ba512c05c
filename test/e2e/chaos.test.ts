import assert from "node:assert/strict";
import { test } from "node:test";
import { isPassed, renderReport } from "./chaos-report.ts";
import { runChaos } from "./chaos-run.ts";
import { victims } from "./killer.ts";

test("100,000 rows arrive exactly once and in order while everything on their way is killed once", {
  timeout: 600_000,
}, async () => {
  const told: string[] = [];
  const progress = (line: string) => void told.push(line);
  const options = { rows: 100_000, kills: victims.length, seed: 1, phaseMs: 1_000, progress, keepFiles: false };
  const result = await runChaos(options).catch((error) => {
    throw new Error(told.join("\n"), { cause: error });
  });
  assert.ok(isPassed(result), `${told.join("\n")}\n${renderReport(result)}`);
});
