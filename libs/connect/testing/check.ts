import assert from "node:assert/strict";
import { describe, test } from "node:test";

/** One thing a plugin must do. `run` throws an AssertionError that tells the author what to change. */
export interface Check {
  readonly name: string;
  run(): void | Promise<void>;
}

/** Registers one suite of node tests: one test per check. */
export function registerChecks(title: string, checks: readonly Check[]): void {
  describe(title, () => {
    for (const { name, run } of checks) test(name, async () => run());
  });
}

/** Fails with what is wrong and what to do about it. */
export function insist(condition: unknown, message: string): asserts condition {
  assert.ok(condition, message);
}

/** Resolves as the promise does, or fails after `limitMs` of real time. */
export async function within<T>(limitMs: number, running: T | Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message })), limitMs);
  });
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What was thrown, or null. */
export async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return null;
  } catch (error) {
    return error ?? new Error("something empty was thrown");
  }
}

/** Uses something and stops it in any case. What stopping throws counts only when all else went well. */
export async function thenStop<T extends { stop(): Promise<void> }, R>(
  started: T,
  use: (started: T) => Promise<R>,
): Promise<R> {
  let result: R;
  try {
    result = await use(started);
  } catch (error) {
    await errorOf(() => started.stop());
    throw error;
  }
  await started.stop();
  return result;
}

/** For messages: class and text of an error, a short form of anything else. */
export function shown(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  const text = JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? String(part) : part)) ?? "";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
