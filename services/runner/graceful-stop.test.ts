import assert from "node:assert/strict";
import { test } from "node:test";
import { connectorWork } from "./testing/host-fixture.ts";
import { assertExactlyOnceSoFar } from "./testing/numbered-source.ts";
import { numberedWork, openRunnerFixture, type RunnerFixture } from "./testing/runner-fixture.ts";

const ID = "g-c-0";
const STUCK = { hang: "0" };

async function open(properties: Record<string, string> = {}): Promise<RunnerFixture> {
  const fixture = await openRunnerFixture({ "millrace.task.hosts": "1", ...properties });
  await fixture.until("the scheduler knows the runner", () => fixture.scheduler.beats.length > 0);
  return fixture;
}

const running = ({ scheduler }: RunnerFixture) =>
  scheduler.states().filter((state) => state.endsWith("RUNNING")).length;

test("Runner gives all tasks that stop together one deadline, and cancels those that are late at it", async () => {
  const fixture = await open({ "task.shutdown.graceful.timeout.ms": "2000" });
  const { scheduler, clock, hosts, runner, until, ended } = fixture;
  const tasks = [0, 1, 2].map((task) => numberedWork({ task, taskConfig: STUCK }));
  scheduler.assign(...tasks, numberedWork({ task: 3 }));
  await until("all run", () => running(fixture) === 4);
  const sinceMs = clock.monotonicMs();
  scheduler.assign(numberedWork({ task: 3 }));
  await until("the late ones are cancelled", () => scheduler.states().join() === "3/1 RUNNING");
  const tookMs = clock.monotonicMs() - sinceMs;
  assert.ok(tookMs >= 2000 && tookMs < 2100, `${tookMs} ms`);
  assert.ok(hosts[0]!.alive);
  await ended(runner.stop());
});

test("Runner that drains cancels what is late at the one deadline", async () => {
  const fixture = await open({ "task.shutdown.graceful.timeout.ms": "2000" });
  const { scheduler, clock, cluster, runner, until, ended } = fixture;
  const stuck = [1, 2].map((task) => numberedWork({ task, taskConfig: STUCK }));
  scheduler.assign(numberedWork({ taskConfig: { total: "1000" } }), ...stuck);
  await until("all run", () => running(fixture) === 3 && assertExactlyOnceSoFar(cluster) > 3);
  const sinceMs = clock.monotonicMs();
  await ended(runner.stop());
  const tookMs = clock.monotonicMs() - sinceMs;
  assert.ok(tookMs >= 2000 && tookMs < 2100, `${tookMs} ms`);
  assert.equal(cluster.transactions.hasOpen(ID), false);
  assert.deepEqual(scheduler.beats.at(-1)?.work, []);
});

test("Runner that drains waits for what was stopping already", async () => {
  const fixture = await open();
  const { scheduler, cluster, runner, until, ended } = fixture;
  scheduler.assign(numberedWork({ taskConfig: { total: "1000" } }));
  await until("it runs", () => assertExactlyOnceSoFar(cluster) > 3);
  cluster.faults.delayNext("commitTransaction", 1500, ID);
  await until("a commit is on its way", () => cluster.faults.pending === 0);
  const at = assertExactlyOnceSoFar(cluster);
  scheduler.assign();
  await until("the runner knows", () => scheduler.beats.at(-1)?.applied?.sequence === 2);
  await ended(runner.stop());
  assert.ok(assertExactlyOnceSoFar(cluster) > at, "the commit has ended");
  assert.equal(cluster.transactions.hasOpen(ID), false);
});

test("Runner starts the key of a cancelled task anew: nothing of it is committed, and nobody hears it any more", async () => {
  const fixture = await open({ "task.shutdown.graceful.timeout.ms": "1000" });
  const { scheduler, cluster, clock, hosts, runner, until, ended } = fixture;
  const config = { "transaction.boundary": "interval", "transaction.boundary.interval.ms": "600000" };
  const late = numberedWork({ taskConfig: { total: "30", hang: "6" } });
  scheduler.assign({ ...late, config: { ...late.config, ...config } });
  await until(
    "records wait for their commit",
    () => cluster.log("out", { isolation: "read_uncommitted" }).length === 6,
  );
  scheduler.assign();
  await until("it is cancelled", () => scheduler.states().length === 0);
  assert.equal(assertExactlyOnceSoFar(cluster), 0);
  scheduler.assign(numberedWork({ taskConfig: { total: "30" }, generation: 2 }));
  await until("the new one has done its work", () => assertExactlyOnceSoFar(cluster) === 30);
  await clock.advance(120_000);
  assert.deepEqual(scheduler.states(), ["0/2 RUNNING"]);
  assert.equal(assertExactlyOnceSoFar(cluster), 30);
  assert.ok(hosts[0]!.alive);
  await ended(runner.stop());
});

test("Runner gives connectors Connect's five seconds, whatever tasks have", async () => {
  const fixture = await open({ "task.shutdown.graceful.timeout.ms": "60000" });
  const { scheduler, clock, runner, until, ended } = fixture;
  scheduler.assign(connectorWork({ config: { "connector.class": "test.NumberedSource", "hang.connector": "true" } }));
  await until("it runs", () => running(fixture) === 1);
  const sinceMs = clock.monotonicMs();
  scheduler.assign();
  await until("it is gone", () => scheduler.states().length === 0);
  const tookMs = clock.monotonicMs() - sinceMs;
  assert.ok(tookMs >= 5000 && tookMs < 5100, `${tookMs} ms`);
  await ended(runner.stop());
});

test("Runner counts the restarts that an ended host caused, and leaves alone what had failed before", async () => {
  const fixture = await open();
  const { scheduler, hosts, runner, until, ended } = fixture;
  const report = (task: number) => scheduler.work.find((each) => each.task === task);
  scheduler.assign(numberedWork(), numberedWork({ task: 1, taskConfig: { poison: "true" } }));
  await until("one has failed", () => scheduler.states().join() === "0/1 RUNNING,1/1 FAILED");
  assert.equal(report(0)?.restarts, undefined);
  for (const count of [1, 2]) {
    for (const host of hosts) host.kill();
    await until("it restarts", () => report(0)?.state === "RESTARTING");
    const { restarts } = report(0)!;
    assert.deepEqual([restarts?.count, restarts?.reason], [count, "host: The task host ended: killed by SIGKILL"]);
    assert.ok(restarts?.nextMs);
    await until("it runs again", () => report(0)?.state === "RUNNING");
    assert.deepEqual(report(0)?.restarts, { ...restarts, nextMs: null });
    assert.deepEqual([report(1)?.state, report(1)?.restarts], ["FAILED", undefined]);
  }
  scheduler.assign(numberedWork({ restart: 1 }), numberedWork({ task: 1, restart: 1 }));
  await until("both run", () => running(fixture) === 2);
  assert.deepEqual([report(0)?.restarts, report(1)?.restarts], [undefined, undefined]);
  await ended(runner.stop());
});
