import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef } from "../mod.ts";
import type { Check } from "./check.ts";

// For the tests of the suites themselves: a plugin that is wrong in one way, and what the suite should say to it.

export const config = new ConfigDef().define({
  name: "n",
  type: "INT",
  default: 1,
  importance: "LOW",
  documentation: "N.",
});
export const about = { class: "test.Broken", version: "1", overview: "Is broken.", config };

/** The checks that fail, by name, with their messages. */
export async function failures(checks: readonly Check[]): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      failed.set(name, (error as Error).message);
    }
  }
  return failed;
}

/** Every failing check says one of these, and each of these is said; the name of the check is before its message. */
export function mustFind(what: string, checks: () => readonly Check[], ...messages: readonly RegExp[]): void {
  test(`the acceptance suite finds ${what}`, async () => {
    const failed = [...(await failures(checks()))].map(([name, message]) => `${name}: ${message}`);
    const unexpected = failed.filter((text) => !messages.some((message) => message.test(text)));
    const missing = messages.filter((message) => !failed.some((text) => message.test(text)));
    assert.deepEqual({ unexpected, missing }, { unexpected: [], missing: [] });
  });
}
