import assert from "node:assert/strict";
import { test } from "node:test";
import { isExact } from "./compare-rows.ts";
import { renderRows, runRows } from "./run-rows.ts";

for (const product of ["postgres", "mysql"] as const) {
  test(`16 writers on ${product}, commits in any order, killed task hosts: every mode reads each row once`, {
    timeout: 400_000,
  }, async () => {
    const told: string[] = [];
    const report = await runRows({
      product,
      rows: 20_000,
      writers: 16,
      rowsPerTransaction: 5,
      kills: 3,
      killEveryMs: 1500,
      seed: 1,
      progress: (line) => void told.push(line),
    });
    const text = `${told.join("\n")}\n${renderRows(report)}`;
    assert.ok(report.verdicts.every(isExact), text);
    // The same writers make the usual SQL lose rows: otherwise nothing would be shown.
    assert.ok(report.peerLost.byId > 0 && report.peerLost.byTime > 0, text);
  });
}
