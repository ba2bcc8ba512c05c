// Runs recorded cases and says which differ:
//   npm run golden -- FOLDER [part of a file name …] [--max failures-shown-per-file]
// FOLDER holds *.jsonl as this folder does. The last line is "N passed, N failed".
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseCases } from "./golden-case.ts";
import { runCase } from "./run-case.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { max: { type: "string", default: "10" } },
});
const [given, ...parts] = positionals;
if (given === undefined) {
  console.error("usage: npm run golden -- FOLDER [part of a file name …] [--max N]");
  process.exit(2);
}
const folder = resolve(process.env.INIT_CWD ?? process.cwd(), given);
const shownMax = Number(options.max);

const asked = (name: string) => parts.length === 0 || parts.some((part) => name.includes(part));
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl") && asked(name.slice(0, -".jsonl".length)))
  .sort();
if (files.length === 0) console.error(`${folder} holds no such *.jsonl`);

let passed = 0;
let failed = 0;
const known: string[] = [];
for (const file of files) {
  const failures: string[] = [];
  const cases = parseCases(readFileSync(join(folder, file), "utf8"));
  for (const golden of cases) {
    const outcome = runCase(golden);
    if (outcome.type === "same") passed += 1;
    else if (outcome.type === "known") known.push(`${golden.id}: ${outcome.reason}`);
    else failures.push(`  ${golden.id}  ${outcome.text}`);
  }
  failed += failures.length;
  console.log(`${failures.length === 0 ? "✓" : "✗"} ${file}: ${cases.length - failures.length} of ${cases.length}`);
  for (const line of failures.slice(0, shownMax)) console.log(line);
  if (failures.length > shownMax) console.log(`  … and ${failures.length - shownMax} more`);
}
if (known.length > 0) console.log(`\ndiffer for a known reason (see test/golden/README.md):\n  ${known.join("\n  ")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && files.length > 0 ? 0 : 1);
