import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FAIL_POINTS } from "./fail-point-orders.ts";

const folder = mkdtempSync(join(tmpdir(), "fail-points-"));
after(() => rmSync(folder, { recursive: true }));

/** Passes a fail point three times and says how often it came by alive. */
const program = `
  import { failPoint } from "@millrace/fail-points";
  import { obeyFailPoints } from "@millrace/service";
  import { writeSync } from "node:fs";
  obeyFailPoints();
  for (let i = 1; i <= 3; i++) { failPoint("source.poll.after"); writeSync(1, String(i)); }`;

async function run(env: Record<string, string>) {
  const args = ["--import", "tsx", "--input-type=module", "-e", program];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (bytes) => (printed += bytes));
  const [, signal] = await once(child, "close");
  return { pid: child.pid, printed, signal };
}

test("an order to die at the second pass is obeyed there and then, and says who obeyed", async () => {
  const order = join(folder, "source.poll.after");
  writeFileSync(order, "kill 2\n");
  const { pid, printed, signal } = await run({ [FAIL_POINTS]: folder });
  assert.deepEqual({ printed, signal }, { printed: "1", signal: "SIGKILL" });
  assert.equal(existsSync(order), false);
  assert.equal(readFileSync(`${order}.hit`, "utf8"), `${pid}\n`);
});

test("without the variable, and without an order, nothing happens", async () => {
  writeFileSync(join(folder, "source.poll.after"), "kill 1\n");
  assert.equal((await run({ [FAIL_POINTS]: "" })).printed, "123");
  rmSync(join(folder, "source.poll.after"));
  assert.equal((await run({ [FAIL_POINTS]: folder })).printed, "123");
});
