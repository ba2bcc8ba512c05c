import assert from "node:assert/strict";
import { test } from "node:test";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { runProof } from "../../deploy/prove/proof.ts";
import { isPassed, renderReport } from "../../deploy/prove/proof-report.ts";
import { strikeMix } from "../../deploy/prove/prove.ts";

test("60,000 records arrive exactly once and in order while processes die, freeze and lose their links", {
  timeout: 600_000,
}, async () => {
  await refresh((text: string) => console.error(text));
  const told: string[] = [];
  const progress = (line: string) => void told.push(line);
  const sources = ["jdbc", "file"] as const;
  const options = { sources, records: 60_000, kills: 14, seed: 1, mix: strikeMix, phaseMs: 400, brisk: true };
  const result = await runProof({ ...options, progress, keepFiles: false }).catch((error) => {
    throw new Error(`${error}\n${told.join("\n")}`, { cause: error });
  });
  const report = `${told.join("\n")}\n${renderReport(result)}`;
  assert.ok(isPassed(result), report);
  assert.ok(result.strikes.filter(({ isHit }) => isHit).length >= 12, report);
});
