import assert from "node:assert/strict";
import { test } from "node:test";
import { forbidExit } from "./no-exit.ts";

test("forbidExit makes exit and abort throw, and gives the real exit back", () => {
  const codes: unknown[] = [];
  const target = {
    exit: (code?: unknown) => void codes.push(code) as never,
    abort: () => void codes.push("aborted") as never,
  } as Pick<NodeJS.Process, "exit" | "abort">;
  const exit = forbidExit(target);
  assert.throws(() => target.exit(3), /process\.exit was called: plugins cannot end the process they run in/);
  assert.throws(() => target.abort(), /process\.abort was called/);
  assert.deepEqual(codes, []);
  exit(1);
  assert.deepEqual(codes, [1]);
});
