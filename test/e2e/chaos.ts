// A million numbered rows while everything on the way is killed in turn.
//   npm run test:chaos -- [--rows 1000000] [--kills 24] [--seed N] [--phase-ms 4000]
// Exit code 0: nothing lost, duplicated or reordered. 1: something was. 2: the run itself failed.
import { parseArgs } from "node:util";
import { isPassed, renderReport } from "./chaos-report.ts";
import { runChaos } from "./chaos-run.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    kills: { type: "string", default: "24" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    "phase-ms": { type: "string", default: "4000" },
  },
});
const [rows, kills, seed, phaseMs] = [values.rows, values.kills, values.seed, values["phase-ms"]].map(Number) as [
  number,
  number,
  number,
  number,
];
if (![rows, kills, seed, phaseMs].every(Number.isInteger)) throw new Error("every option takes a whole number");
console.log(`${rows} rows, ${kills} kills, seed ${seed}`);
const start = performance.now();
const progress = (line: string) =>
  console.log(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${line}`);
try {
  const result = await runChaos({ rows, kills, seed, phaseMs, progress, keepFiles: true });
  console.log(`\n${renderReport(result)}`);
  process.exit(isPassed(result) ? 0 : 1);
} catch (error) {
  console.error(error);
  process.exit(2);
}
