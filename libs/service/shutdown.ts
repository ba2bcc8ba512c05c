import process from "node:process";
import { type Clock, systemClock } from "@millrace/time";
import { obeyFailPoints } from "./fail-point-orders.ts";
import type { Logger } from "./log.ts";

/** What a process ends with. A second signal ends it at once with 128 + the signal's number. */
export const exitCodes = {
  /** Asked to stop, and did. */
  stopped: 0,
  /** Could not start, or failed while running. As Kafka Connect. */
  failed: 2,
  /** Asked to stop, but something did not stop in time. */
  late: 3,
} as const;

type Signal = "SIGTERM" | "SIGINT";
const SIGNAL_NUMBERS: Readonly<Record<Signal, number>> = { SIGINT: 2, SIGTERM: 15 };

/** The process as seen from here; tests pass their own. */
export interface ProcessPort {
  on(event: Signal, listener: () => void): unknown;
  on(event: "uncaughtException" | "unhandledRejection", listener: (error: unknown) => void): unknown;
  exit(code: number): void;
}

/** What `start` gets to put itself together with. */
export interface Lifetime {
  /** Aborted as soon as the process is asked to stop, before anything is stopped. */
  readonly signal: AbortSignal;
  /**
   * Adds a stop; they run one after the other, last added first. `name` is for the log; `extraMs` is for work that may
   * take as long as it was configured to, and makes the time for all stops longer.
   */
  onStop(name: string, stop: () => Promise<void> | void, extraMs?: number): void;
  /** From now on the process says here that it stops, and how: for a logger made from settings that `start` reads. */
  logTo(logger: Logger): void;
  /** Something that should run for ever has ended: stops everything, exit code 2. */
  fail(error: unknown): void;
}

export interface RunOptions {
  start(lifetime: Lifetime): Promise<void>;
  /** Until `start` calls `logTo`. */
  readonly logger: Logger;
  /** For all stops together, without what they ask for on top. Default 30,000. */
  readonly stopTimeoutMs?: number;
  readonly clock?: Clock;
  readonly process?: ProcessPort;
}

interface Stop {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/**
 *   STARTING ─▶ RUNNING ─SIGTERM | SIGINT | failure─▶ STOPPING (reverse order, within the deadline) ─▶ exit
 *   any ─second signal─▶ exit at once
 *
 * A signal while starting aborts `signal`, waits for `start` to give up (or finish), and then stops what was added.
 * Resolves with the exit code after having called `exit` with it.
 */
export async function runUntilSignal(options: RunOptions): Promise<number> {
  const { clock = systemClock, process: port = process } = options;
  let { logger } = options;
  obeyFailPoints();
  const abort = new AbortController();
  const stops: Stop[] = [];
  let timeoutMs = options.stopTimeoutMs ?? 30_000;
  let failure: { readonly error: unknown } | null = null;
  let asked = () => {};
  const askedToStop = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const fail = (error: unknown) => {
    logger.error(failure === null ? "failed, stopping" : "failed again while stopping", { error });
    failure ??= { error };
    asked();
    abort.abort(error);
  };
  listen(port, {
    fail,
    stop: (signal) => {
      logger.info("stopping; another signal leaves at once", { signal });
      asked();
      abort.abort(new Error("the process was asked to stop"));
    },
  });

  const lifetime: Lifetime = {
    signal: abort.signal,
    onStop: (name, stop, extraMs = 0) => {
      stops.push({ name, stop });
      timeoutMs += extraMs;
    },
    logTo: (configured) => {
      logger = configured;
    },
    fail,
  };
  const started = options.start(lifetime).catch((error: unknown) => {
    if (!abort.signal.aborted) fail(error);
  });
  // A pending promise and a signal handler alone do not keep a process running.
  const release = clock.every(3_600_000, () => {});
  await askedToStop;
  release();
  const inTime = await withinTime(clock, timeoutMs, async (given) => {
    await started;
    await stopAll(stops, logger, given);
  });
  if (!inTime) logger.error("did not stop in time, leaving anyway", { stopTimeoutMs: timeoutMs });
  const code = failure !== null ? exitCodes.failed : inTime ? exitCodes.stopped : exitCodes.late;
  logger.info("stopped", { exitCode: code });
  port.exit(code);
  return code;
}

function listen(port: ProcessPort, on: { stop(signal: Signal): void; fail(error: unknown): void }): void {
  let signals = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    port.on(signal, () => {
      signals += 1;
      if (signals > 1) return port.exit(128 + SIGNAL_NUMBERS[signal]);
      on.stop(signal);
    });
  }
  port.on("uncaughtException", on.fail);
  port.on("unhandledRejection", on.fail);
}

/** A stop that fails is logged and does not keep the others from stopping. */
async function stopAll(stops: Stop[], logger: Logger, signal: AbortSignal): Promise<void> {
  for (let next = stops.pop(); next !== undefined && !signal.aborted; next = stops.pop()) {
    try {
      await next.stop();
    } catch (error) {
      logger.error(`stopping ${next.name} failed`, { error });
    }
  }
}

/** false when `work` had not ended after `timeoutMs`; its signal is then aborted. */
async function withinTime(
  clock: Clock,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const over = new AbortController();
  const late = new Promise<boolean>((resolve) => {
    over.signal.addEventListener("abort", () => resolve(false), { once: true });
  });
  const cancel = clock.after(timeoutMs, () => over.abort());
  const done = work(over.signal).then(() => true);
  const inTime = await Promise.race([done, late]);
  cancel();
  return inTime;
}
