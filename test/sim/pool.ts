import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Outcome } from "./simulation.ts";

export interface PoolOptions {
  /** Of a bundle. */
  readonly file: string;
  readonly seeds: Iterable<number>;
  /** Default: as many as there are cores. */
  readonly threads?: number;
  /** Told of each; false: no more. */
  readonly outcome: (outcome: Outcome) => boolean;
}

/** A run takes less than a second, or minutes where others have all processors: this one goes round in circles between two events. */
const SEED_TIMEOUT_MS = 300_000;

/** Runs seeds in several threads. Resolves when all have been run, or enough of them. */
export async function runSeeds({ file, seeds, threads, outcome }: PoolOptions): Promise<void> {
  const next = seeds[Symbol.iterator]();
  let goesOn = true;
  const thread = async (): Promise<void> => {
    let worker: Worker | null = null;
    try {
      while (goesOn) {
        const { value: seed, done } = next.next();
        if (done) return;
        worker ??= new Worker(file, { execArgv: ["--enable-source-maps"] });
        const result = await runSeed(worker, seed);
        if (result.failure?.checker === HANG) {
          await worker.terminate();
          worker = null;
        }
        goesOn &&= outcome(result);
      }
    } finally {
      await worker?.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads ?? availableParallelism() }, thread));
}

const HANG = "hang";

function runSeed(worker: Worker, seed: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      worker.off("message", end);
      worker.off("error", broken);
      resolve(outcome);
    };
    const fail = (message: string) => {
      const failure = { checker: HANG, message };
      end({ seed, failure, hash: "", events: 0, virtualMs: 0, recoveryMs: null });
    };
    const timer = setTimeout(() => fail(`it did not end within ${SEED_TIMEOUT_MS / 1000} s`), SEED_TIMEOUT_MS);
    const broken = (error: unknown) => fail(`the thread ended: ${String(error)}`);
    worker.on("message", end);
    worker.on("error", broken);
    worker.postMessage(seed);
  });
}
