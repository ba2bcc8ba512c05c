// Runs set-up steps: `{ name, title, after: names of steps to wait for, isReady(), install({ report, logFile }) }`.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SetupError, tail } from "./command.mjs";
import { takeLock } from "./lock.mjs";
import { logsDir } from "./places.mjs";
import { createProgress } from "./progress.mjs";

const logTailLines = 25;

/** Brings all steps to be ready, showing progress. What fails is explained, and the process will exit with 1. */
export async function setUp(steps) {
  // Later steps can't be asked while npm's packages are missing, which settles the question anyway.
  if (steps.every((step) => step.isReady())) return;
  const progress = createProgress();
  progress.note(`Setting up (once): ${steps.map((step) => step.title).join(", ")}`);
  mkdirSync(logsDir, { recursive: true });
  await takeLock(progress.note);
  const failures = await install(steps, progress);
  progress.stop();
  for (const { step, error } of failures) explain(error, step.title);
  if (failures.length > 0) process.exitCode = 1;
  else progress.note(`Set up in ${progress.elapsed()}`);
}

/** For a script that sets up: ends on signals by `process.exit`, so that locks are given back and children killed. */
export function runAsScript(main) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
  main().catch((error) => {
    explain(error, "set-up");
    process.exitCode = 1;
  });
}

/** Runs every step as soon as those it builds on are done, side by side where it can. Resolves to the failures. */
async function install(steps, progress) {
  const failures = [];
  const outcomes = new Map();
  for (const step of steps) {
    const before = step.after.map((name) => outcomes.get(name));
    outcomes.set(
      step.name,
      Promise.all(before).then((done) => !done.includes(false) && attempt(step, progress, failures)),
    );
  }
  await Promise.all(outcomes.values());
  return failures;
}

async function attempt(step, progress, failures) {
  if (step.isReady()) return true;
  const logFile = join(logsDir, `${step.name}.log`);
  rmSync(logFile, { force: true });
  const report = progress.start(step.title);
  try {
    await step.install({ report, logFile });
    progress.end(step.title, true);
    return true;
  } catch (error) {
    progress.end(step.title, false);
    failures.push({ step, error });
    return false;
  }
}

function explain(error, title) {
  const { logFile } = error;
  if (logFile && existsSync(logFile)) {
    console.error(`\n--- end of ${logFile}`);
    for (const line of tail(logFile, logTailLines)) console.error(`    ${line}`);
  }
  console.error(`\n✗ ${title}: ${error instanceof SetupError ? error.message : error.stack}`);
  if (error.whatToDo) console.error(`  What to do: ${error.whatToDo.replaceAll("\n", "\n  ")}`);
}
