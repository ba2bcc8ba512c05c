// Runs recorded cases and says which differ:
//   npm run golden -- FOLDER [part of a file name …] [--max failures-shown-per-file]
// FOLDER holds *.jsonl as this folder does, or is one such file. The last line is "N passed, N failed"; the exit code is
// 0 when something passed and nothing failed, 2 when the call itself is wrong.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseCases } from "./golden-case.ts";
import { runCase } from "./run-case.ts";

const ENDING = ".jsonl";

const { path, parts, shownMax } = readArguments();
const asked = (file: string) => parts.length === 0 || parts.some((part) => basename(file, ENDING).includes(part));
const files = filesAt(path).filter(asked).sort();
if (files.length === 0) {
  const names = parts.length === 0 ? "" : ` with ${parts.map((part) => `"${part}"`).join(" or ")} in its name`;
  console.error(`${path} holds no *${ENDING} file${names}`);
}

let passed = 0;
let failed = 0;
const known: string[] = [];
for (const file of files) {
  const { cases, bad } = parseCases(readFileSync(file, "utf8"));
  const failures = bad.map(({ number, problem }) => `line ${number}  ${problem}`);
  for (const golden of cases) {
    const outcome = runCase(golden);
    if (outcome.type === "same") passed += 1;
    else if (outcome.type === "known") known.push(`${golden.id}: ${outcome.reason}`);
    else failures.push(`${golden.id}  ${outcome.text}`);
  }
  failed += failures.length;
  const count = cases.length + bad.length;
  console.log(`${failures.length === 0 ? "✓" : "✗"} ${basename(file)}: ${count - failures.length} of ${count}`);
  for (const line of failures.slice(0, shownMax)) console.log(`  ${line}`);
  if (failures.length > shownMax) console.log(`  … and ${failures.length - shownMax} more`);
}
if (known.length > 0) console.log(`\ndiffer for a known reason (see test/golden/README.md):\n  ${known.join("\n  ")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

function readArguments(): { readonly path: string; readonly parts: readonly string[]; readonly shownMax: number } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { max: { type: "string", default: "10" } },
    });
    const [given, ...parts] = positionals;
    if (given === undefined) throw new Error("which folder?");
    if (!/^\d+$/.test(values.max)) throw new Error(`--max takes a number, not "${values.max}"`);
    // npm changes into the checkout; INIT_CWD is where it was called.
    const path = resolve(process.env.INIT_CWD ?? process.cwd(), given);
    if (!existsSync(path)) throw new Error(`there is no ${path}`);
    return { path, parts, shownMax: Number(values.max) };
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: npm run golden -- FOLDER [part of a file name …] [--max N]`);
    process.exit(2);
  }
}

function filesAt(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(ENDING)).map(({ name }) => join(path, name));
}
