// npm run test:sim -- [--seeds 1000] [--from 1]     runs that many seeds, on all cores
// npm run test:sim -- --seed N [--trace]            replays one; --trace prints its whole event log
// Exit code 0: every seed passed. 1: one or more failed. 2: the run itself failed, or was interrupted.
import { parseArgs } from "node:util";
import { bundleSimulation } from "./bundle.ts";
import { runSeeds } from "./pool.ts";
import { type Outcome, simulate } from "./simulation.ts";

/** When the first line of progress is due; on a terminal also when the next ones are. */
const PROGRESS_AFTER_MS = 2_000;
const PROGRESS_INTERVAL_MS = process.stdout.isTTY ? PROGRESS_AFTER_MS : 20_000;
/** So many failures are told; one change may break every seed. */
const TOLD_MAX = 20;
/** So many are named at the end. */
const NAMED_MAX = 5;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    threads: { type: "string" },
  },
});

// Whoever reads a trace may have read enough.
process.stdout.on("error", () => process.exit(2));
// The first Ctrl-C still gives a verdict on what has been run.
let isInterrupted = false;
process.once("SIGINT", () => {
  isInterrupted = true;
});
const isPassed = values.seed === undefined ? await runMany() : await replay(wholeNumber("seed", values.seed));
process.exitCode = isInterrupted ? 2 : isPassed ? 0 : 1;

async function replay(seed: number): Promise<boolean> {
  const outcome = await simulate({ seed, ...(values.trace ? { line: (line) => console.log(line) } : {}) });
  console.log(describe(outcome));
  return outcome.failure === null;
}

async function runMany(): Promise<boolean> {
  const [count, from] = [wholeNumber("seeds", values.seeds), wholeNumber("from", values.from)];
  const failed: number[] = [];
  let passed = 0;
  let recoveryMaxMs = 0;
  const startMs = performance.now();
  let dueMs = startMs + PROGRESS_AFTER_MS;
  const rate = () => ((passed + failed.length) / ((performance.now() - startMs) / 1000)).toFixed(1);
  const told = (outcome: Outcome) => {
    if (outcome.failure === null) passed++;
    else if (failed.push(outcome.seed) <= TOLD_MAX) console.log(describe(outcome));
    recoveryMaxMs = Math.max(recoveryMaxMs, outcome.recoveryMs ?? 0);
    if (performance.now() < dueMs || isInterrupted) return !isInterrupted;
    dueMs = performance.now() + PROGRESS_INTERVAL_MS;
    console.log(`  ${passed + failed.length} of ${count} seeds, ${failed.length} failed, ${rate()} seeds/s`);
    return true;
  };
  const bundle = await bundleSimulation();
  try {
    await runSeeds({
      file: bundle.file,
      seeds: Array.from({ length: count }, (_, i) => from + i),
      ...(values.threads === undefined ? {} : { threads: wholeNumber("threads", values.threads) }),
      outcome: told,
    });
  } finally {
    bundle.remove();
  }
  const seconds = (performance.now() - startMs) / 1000;
  if (isInterrupted) console.log(`interrupted after ${passed + failed.length} of ${count} seeds`);
  console.log(
    `seeds ${from} to ${from + passed + failed.length - 1} in ${seconds.toFixed(1)} s, ${rate()} seeds/s; the longest recovery took ${(recoveryMaxMs / 1000).toFixed(1)} s of virtual time`,
  );
  console.log(verdict(passed, failed));
  return failed.length === 0;
}

function verdict(passed: number, failed: number[]): string {
  if (failed.length === 0) return `${passed} passed, 0 failed`;
  const [first, ...others] = failed.sort((a, b) => a - b);
  const more = others.length < NAMED_MAX ? others : [...others.slice(0, NAMED_MAX - 1), "…"];
  return `${passed} passed, ${failed.length} failed: ${[first, ...more].join(" ")}; replay: npm run test:sim -- --seed ${first} --trace`;
}

function describe({ seed, failure, hash, events, virtualMs, recoveryMs }: Outcome): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  if (failure !== null)
    return `seed ${seed} FAILED after ${seconds(virtualMs)} s: ${failure.checker}: ${failure.message}`;
  return `seed ${seed} passed: ${events} events in ${seconds(virtualMs)} s, recovered in ${seconds(recoveryMs ?? 0)} s, log ${hash}`;
}

function wholeNumber(option: string, text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  console.error(`--${option} ${text}: give a whole number`);
  process.exit(2);
}
