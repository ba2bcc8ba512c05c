import assert from "node:assert/strict";
import { test } from "node:test";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { runCdcProof } from "../../deploy/prove/cdc/cdc-proof.ts";
import { isCdcExact, renderCdcReport } from "../../deploy/prove/cdc/cdc-report.ts";

test("what topics say of two tables under load is exactly the tables, whoever is killed in snapshot and stream", {
  timeout: 300_000,
}, async () => {
  await refresh((text: string) => console.error(text));
  const told: string[] = [];
  const progress = (line: string) => void told.push(line);
  const result = await runCdcProof({ kills: 7, rows: 5000, seed: 3, progress }).catch((error) => {
    throw new Error(told.join("\n"), { cause: error });
  });
  assert.ok(isCdcExact(result), `${told.join("\n")}\n${renderCdcReport(result)}`);
});
