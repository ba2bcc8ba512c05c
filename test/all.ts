// Everything `npm test` checks: types, lint, tidy, unit tests, simulations, then tests against real servers, started once for all.
//   node --import tsx test/all.ts [stage …]
// The last line is "N passed, N failed"; types and lint count as one check each.
import { spawn } from "node:child_process";
import { setMaxListeners } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { pathToFileURL } from "node:url";
import { type Stack, startStack } from "../deploy/dev/stack.ts";

type Failure = { readonly name: string; readonly text: string };
type Outcome = { readonly passed: number; readonly skipped?: number; readonly failures: readonly Failure[] };
type Stage = { readonly name: string; readonly limitMinutes: number; run(signal: AbortSignal): Promise<Outcome> };

const root = join(import.meta.dirname, "..");
const interactive = process.stdout.isTTY === true;
const filesAtOnce = 2;
const progressIntervalMs = 20_000;

/** Test files below some folders, as paths from the root. Node 20 does not expand patterns itself. */
function testFiles(folders: readonly string[], accepts: (file: string) => boolean): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== "dist") walk(path);
      else if (entry.name.endsWith(".test.ts") && accepts(path)) found.push(relative(root, path));
    }
  };
  for (const folder of folders) if (existsSync(join(root, folder))) walk(join(root, folder));
  return found.sort();
}

const isIntegration = (file: string): boolean => file.endsWith(".integration.test.ts");
const packages = ["libs", "services", "deploy"];
const tidyFile = "test/tidy.test.ts";
const goldenFile = "test/golden/golden.test.ts";
const simulationFolder = "test/sim";

let stack: Stack | undefined;

const stages: readonly Stage[] = [
  { name: "types", limitMinutes: 5, run: (signal) => runTool("tsc", ["-p", "."], signal) },
  { name: "lint", limitMinutes: 5, run: (signal) => runTool("biome", ["check", "."], signal) },
  { name: "tidy", limitMinutes: 2, run: (signal) => runTests([tidyFile], signal) },
  {
    name: "unit",
    limitMinutes: 10,
    run: (signal) => runTests([goldenFile, ...testFiles(packages, (file) => !isIntegration(file))], signal),
  },
  {
    name: "simulation",
    limitMinutes: 15,
    run: (signal) =>
      runTests(
        testFiles([simulationFolder], () => true),
        signal,
      ),
  },
  {
    name: "integration",
    limitMinutes: 15,
    run: (signal) => runWithServers(testFiles(packages, isIntegration), signal),
  },
  {
    name: "system",
    limitMinutes: 30,
    run: (signal) =>
      runWithServers(
        testFiles(["test"], (file) => !hasOwnStage(relative(root, file))),
        signal,
      ),
  },
];

function hasOwnStage(file: string): boolean {
  return [tidyFile, goldenFile].includes(file) || file.startsWith(`${simulationFolder}/`);
}

/** A tool from node_modules/.bin as one check. */
function runTool(tool: string, args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const command = [tool, ...args].join(" ");
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(join(root, "node_modules/.bin", tool), args, { cwd: root, signal, killSignal: "SIGKILL" });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes));
    child.on("error", (error) => resolve({ passed: 0, failures: [{ name: command, text: error.message }] }));
    child.on("close", (code) => {
      if (code === 0) resolve({ passed: 1, failures: [] });
      else resolve({ passed: 0, failures: [{ name: command, text: `${output}exit code ${code}` }] });
    });
  });
}

async function runWithServers(files: readonly string[], signal: AbortSignal): Promise<Outcome> {
  if (files.length === 0) return { passed: 0, failures: [] };
  if (!stack) {
    stack = await startStack({ kafka: true, postgres: true, nats: true, mariadb: true, elasticsearch: true });
    Object.assign(process.env, stack.env);
  }
  return runTests(files, signal);
}

// Handed on to the process of each test file.
process.execArgv.push("--import", pathToFileURL(join(root, "test/fixed-seed.ts")).href);

/** Runs test files, each in its own process with the loader this one has. */
async function runTests(files: readonly string[], signal: AbortSignal): Promise<Outcome> {
  if (files.length === 0) return { passed: 0, failures: [] };
  let passed = 0;
  let skipped = 0;
  const failures: Failure[] = [];
  const output = new Map<string, string>();
  const stream = run({ files: files.map((file) => join(root, file)), concurrency: filesAtOnce, signal });
  for await (const event of stream) {
    if (event.type === "test:stderr" || event.type === "test:stdout") {
      output.set(event.data.file, ((output.get(event.data.file) ?? "") + event.data.message).slice(-20_000));
    } else if (event.type === "test:pass") {
      if (isSkipped(event.data)) skipped += 1;
      else if (isWholeFile(event.data)) failures.push({ name: nameOf(event.data), text: "holds no test" });
      else if (event.data.details.type !== "suite") passed += 1;
    } else if (event.type === "test:fail" && failsItself(event.data)) {
      const { file, details } = event.data;
      const printed = file === undefined ? undefined : output.get(file);
      failures.push({
        name: nameOf(event.data),
        text: `${describe(details.error)}${printed ? `\nprinted by this file:\n${printed}` : ""}`,
      });
    }
    report(passed, failures.length);
  }
  return { passed, skipped, failures };
}

type Reported = { readonly name: string; readonly file?: string };

/** Node reports a file as such only when none of its tests tell the outcome. */
const isWholeFile = ({ name, file }: Reported): boolean => name === file || name.endsWith(".test.ts");

const nameOf = ({ name, file }: Reported): string =>
  [file, name]
    .flatMap((part) => part?.replace(`${root}/`, "") ?? [])
    .filter((part, at, all) => part !== all[at - 1])
    .join(": ");

const isSkipped = ({ skip, todo }: { readonly skip?: unknown; readonly todo?: unknown }): boolean =>
  skip !== undefined || todo !== undefined;

/** A parent of failed tests fails too, but that is told by them. */
function failsItself({ details }: { readonly details: { readonly error: unknown } }): boolean {
  const { failureType } = details.error as { failureType?: string };
  return failureType !== "subtestsFailed";
}

/** A file whose process died tells nothing but how. */
function describe(error: unknown): string {
  const { cause, exitCode, signal } = error as { cause?: unknown; exitCode?: number; signal?: string };
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause ?? error);
  const told = exitCode == null && signal == null ? reason : `${reason} (${signal ?? `exit code ${exitCode}`})`;
  return told.replaceAll(`file://${root}/`, "");
}

let stageName = "";
let stageStartedAt = 0;
let lastReportAt = 0;

function report(passed: number, failed: number): void {
  const now = performance.now();
  const line = `  ${stageName}: ${passed} passed${failed > 0 ? `, ${failed} failed` : ""} …`;
  if (interactive) process.stdout.write(`\r\x1b[2K${line}`);
  else if (now - lastReportAt > progressIntervalMs) console.log(line);
  else return;
  lastReportAt = now;
}

async function runStage(stage: Stage): Promise<Outcome> {
  stageName = stage.name;
  stageStartedAt = performance.now();
  lastReportAt = stageStartedAt;
  const limit = AbortSignal.timeout(stage.limitMinutes * 60_000);
  // Each test file adds one.
  setMaxListeners(0, limit);
  const outcome = await stage.run(limit).catch(
    (error: unknown): Outcome => ({
      passed: 0,
      failures: [{ name: stage.name, text: error instanceof Error ? (error.stack ?? error.message) : String(error) }],
    }),
  );
  const failures = [...outcome.failures];
  if (limit.aborted) failures.push({ name: stage.name, text: `took longer than ${stage.limitMinutes} minutes` });
  if (outcome.passed === 0 && failures.length === 0) {
    failures.push({ name: stage.name, text: "found nothing to run" });
  }
  const seconds = ((performance.now() - stageStartedAt) / 1000).toFixed(1);
  const others = Object.entries({ failed: failures.length, skipped: outcome.skipped ?? 0 }).filter(
    ([, count]) => count,
  );
  const counts = [`${outcome.passed} passed`, ...others.map(([what, count]) => `${count} ${what}`)].join(", ");
  if (interactive) process.stdout.write("\r\x1b[2K");
  console.log(`${failures.length === 0 ? "✓" : "✗"} ${stage.name}: ${counts} (${seconds} s)`);
  for (const { name, text } of failures) console.log(`\n  ✗ ${name}\n${text.replace(/^/gm, "    ")}\n`);
  return { passed: outcome.passed, failures };
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !stages.some((stage) => stage.name === name));
if (unknown !== undefined) {
  console.error(`no stage "${unknown}": choose from ${stages.map((stage) => stage.name).join(", ")}`);
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const stage of stages.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const outcome = await runStage(stage);
  passed += outcome.passed;
  failed += outcome.failures.length;
}
await stack?.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
