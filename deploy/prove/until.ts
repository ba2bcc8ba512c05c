import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/** Asks until the answer is true; the milliseconds that took. Throws naming `what` after `timeoutMs`. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > timeoutMs) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`);
    await sleep(POLL_MS);
  }
  return performance.now() - start;
}

/** Asks until there is an answer. Throws naming `what` after `timeoutMs`. */
export async function untilFound<T>(what: string, find: () => Promise<T | null>, timeoutMs = 60_000): Promise<T> {
  let found: T | null = null;
  const isFound = async () => {
    found = await find();
    return found !== null;
  };
  await until(what, isFound, timeoutMs);
  return found!;
}
