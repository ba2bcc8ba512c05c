#!/usr/bin/env node
// Set-up: brings a fresh clone to where demo and tests run. Plain Node: it runs before node_modules exists.
//   node deploy/dev/setup.mjs [--only npm,addon,kafka,nats,postgres]
// Each step asks "already there?" first, so a second run takes a moment and touches nothing.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SetupError, tail } from "./setup/command.mjs";
import { kafkaAddon } from "./setup/kafka-addon.mjs";
import { kafkaJars } from "./setup/kafka-jars.mjs";
import { takeLock } from "./setup/lock.mjs";
import { natsServer } from "./setup/nats-server.mjs";
import { npmPackages } from "./setup/npm-packages.mjs";
import { logsDir } from "./setup/places.mjs";
import { postgresBinaries } from "./setup/postgres-binaries.mjs";
import { createProgress } from "./setup/progress.mjs";

// `after` names the steps a step builds on; `givenBy` the variable that names a server of the user's own instead.
const allSteps = [npmPackages, kafkaAddon, kafkaJars, natsServer, postgresBinaries];
const logTailLines = 25;

function chooseSteps(only) {
  const names = only?.split(",");
  const unknown = names?.find((name) => !allSteps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new SetupError(`--only ${only}: there is no step "${unknown}"`, {
      whatToDo: `choose from ${allSteps.map((step) => step.name).join(",")}`,
    });
  }
  return allSteps.filter((step) => (names ? names.includes(step.name) : !process.env[step.givenBy ?? ""]));
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

async function main() {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  const steps = chooseSteps(values.only);
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

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
main().catch((error) => {
  explain(error, "set-up");
  process.exitCode = 1;
});
