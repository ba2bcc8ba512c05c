import assert from "node:assert/strict";
import { test } from "node:test";
import { assertExactlyOnceSoFar } from "./testing/numbered-source.ts";
import { numberedWork, openRunnerFixture, type RunnerFixture } from "./testing/runner-fixture.ts";

async function open(): Promise<RunnerFixture> {
  const fixture = await openRunnerFixture({ "exactly.once.source.support": "enabled" });
  await fixture.until("the scheduler knows the runner", () => fixture.scheduler.beats.length > 0);
  return fixture;
}

/** A task that asks while it is taken from the runner: nothing has told the runner so. */
async function revoked(): Promise<RunnerFixture> {
  const fixture = await open();
  const { scheduler, until } = fixture;
  scheduler.verdict = "revoked";
  scheduler.assign(numberedWork());
  await until("the task has ended", () => scheduler.work[0]?.active === false);
  return fixture;
}

test("Runner starts a revoked task again when a newer assignment has it here, the same as before", async () => {
  const { scheduler, cluster, runner, until, ended } = await revoked();
  scheduler.verdict = "valid";
  scheduler.assign(numberedWork());
  await until("it has done its work", () => assertExactlyOnceSoFar(cluster) === 10);
  await ended(runner.stop());
});

test("Runner starts a revoked task again when it is told of a change that names it, and of no other", async () => {
  const { scheduler, cluster, clock, runner, until, ended } = await revoked();
  scheduler.verdict = "valid";
  scheduler.change({ work: [numberedWork({ connector: "other" })] });
  await until("the other runs", () => scheduler.states().includes("0/1 RUNNING"));
  await clock.advance(2_000);
  assert.deepEqual(scheduler.states(), ["0/1 RUNNING", "0/1 UNASSIGNED"]);
  scheduler.change({ work: [numberedWork()] });
  await until("both run", () => scheduler.states().join() === "0/1 RUNNING,0/1 RUNNING");
  assert.ok(cluster.log("out").length > 0);
  await ended(runner.stop());
});

test("Runner starts a revoked task again when it was assigned anew before it heard that it was revoked", async () => {
  const { scheduler, cluster, runner, until, ended } = await open();
  scheduler.verdict = "revoked";
  scheduler.verifyMs = 500;
  scheduler.assign(numberedWork());
  await until("the task asks", () => scheduler.verifying > 0);
  scheduler.assign(numberedWork());
  await until("the runner has applied that", () => scheduler.beats.at(-1)?.applied?.sequence === 2);
  assert.equal(scheduler.verifying, 1, "and is not answered yet");
  scheduler.verdict = "valid";
  await until("it has done its work", () => assertExactlyOnceSoFar(cluster) === 10);
  await ended(runner.stop());
});
