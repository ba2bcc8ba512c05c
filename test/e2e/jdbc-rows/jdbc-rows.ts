// Many writers whose transactions commit in another order than their ids and timestamps, or roll back, while the JDBC source reads
// in every mode and its task hosts are killed. In the end each row has to be there once.
//   npm run test:jdbc -- [--rows 1000000] [--writers 16] [--kills 10] [--seed N] [--database postgres|mysql]
// Exit code 0: nothing lost or duplicated. 1: something was. Takes servers named by the environment, or starts its own.
import { parseArgs } from "node:util";
import { startStack } from "../../../deploy/dev/stack.ts";
import { isExact } from "./compare-rows.ts";
import { renderRows, runRows } from "./run-rows.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    writers: { type: "string", default: "16" },
    kills: { type: "string", default: "10" },
    "kill-every-ms": { type: "string", default: "8000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    database: { type: "string", default: "postgres" },
  },
});
const product = values.database;
if (product !== "postgres" && product !== "mysql") throw new Error("--database takes postgres or mysql");
const numbers = [values.rows, values.writers, values.kills, values["kill-every-ms"], values.seed].map(Number);
if (!numbers.every(Number.isInteger)) throw new Error("every other option takes a whole number");
const [rows, writers, kills, killEveryMs, seed] = numbers as [number, number, number, number, number];

const stack = await startStack({ kafka: true, postgres: product === "postgres", mariadb: product === "mysql" });
Object.assign(process.env, stack.env);
console.log(`${rows} rows by ${writers} writers on ${product}, seed ${seed}`);
const startedMs = Date.now();
const report = await runRows({
  product,
  rows,
  writers,
  rowsPerTransaction: 25,
  kills,
  killEveryMs,
  seed,
  progress: (line) => console.log(`${((Date.now() - startedMs) / 1000).toFixed(1)} s  ${line}`),
});
console.log(renderRows(report));
await stack.stop();
process.exit(report.verdicts.every(isExact) ? 0 : 1);
