import assert from "node:assert/strict";
import { test } from "node:test";
import { pluginList } from "@millrace/protocol";
import { connectorWork } from "./testing/host-fixture.ts";
import { numberedWork, openRunnerFixture, type RunnerFixture, type SimulatedHost } from "./testing/runner-fixture.ts";

async function open(properties: Record<string, string> = {}): Promise<RunnerFixture> {
  const fixture = await openRunnerFixture({ "millrace.task.hosts": "1", ...properties });
  await fixture.until("the scheduler knows the runner", () => fixture.scheduler.beats.length > 0);
  return fixture;
}

function workOf(connector: string, task: number | null, isolation = "shared") {
  const config = { "connector.class": "test.NumberedSource", "task.isolation": isolation };
  if (task === null) return connectorWork({ connector, config });
  return { ...numberedWork({ connector, task, taskConfig: { total: "100000" } }), config };
}

const running = ({ scheduler }: RunnerFixture) => scheduler.work.filter(({ state }) => state === "RUNNING").length;
const alive = ({ hosts }: RunnerFixture) => hosts.filter((host) => host.alive);
const hostOf = (fixture: RunnerFixture, key: string): SimulatedHost =>
  alive(fixture).find((host) => host.work.has(key))!;
const report = ({ scheduler }: RunnerFixture, task: number) => scheduler.work.find((each) => each.task === task)!;
const layout = (fixture: RunnerFixture) =>
  alive(fixture)
    .map(({ work }) => [...work].sort().join(", "))
    .sort();

test("Runner gives work the hosts that task.isolation asks for, and ends those that are left empty", async () => {
  const fixture = await open();
  const { scheduler, runner, until, ended } = fixture;
  const shared = [workOf("a", 0), workOf("b", 0), workOf("a", null)];
  const own = [workOf("c", null, "connector"), workOf("c", 0, "connector"), workOf("c", 1, "connector")];
  const alone = [workOf("d", 0, "task"), workOf("d", 1, "task"), workOf("d", null, "task")];
  scheduler.assign(...shared, ...own, ...alone);
  await until("all run", () => running(fixture) === 9);
  assert.deepEqual(layout(fixture), [
    "connector a, task a 0, task b 0",
    "connector c, task c 0, task c 1",
    "connector d",
    "task d 0",
    "task d 1",
  ]);
  scheduler.assign(workOf("d", 1, "task"));
  await until("only one runs", () => scheduler.work.length === 1);
  await until("the others are gone", () => alive(fixture).length === 2);
  assert.deepEqual(layout(fixture), ["", "task d 1"], "the shared one stays");
  await ended(runner.stop());
});

test("Runner asks questions of a spare host, which takes no work down, and which goes when nobody asks any more", async () => {
  const fixture = await open();
  const { scheduler, bus, clock, runner, until, ended } = fixture;
  scheduler.assign(workOf("a", 0));
  await until("it runs", () => running(fixture) === 1);
  assert.equal(alive(fixture).length, 1, "the one that was there from the start");
  hostOf(fixture, "task a 0").deaf = true;
  assert.ok((await ended(bus.request(pluginList, {}))).plugins.length > 0);
  const spare = alive(fixture).find(({ work }) => work.size === 0)!;
  const asking = bus.request(pluginList, {});
  spare.crash("exit code 1");
  await assert.rejects(ended(asking), /The task host ended: exit code 1/);
  assert.ok((await ended(bus.request(pluginList, {}))).plugins.length > 0);
  assert.equal(alive(fixture).length, 2);
  hostOf(fixture, "task a 0").deaf = false;
  await clock.advance(31_000);
  assert.equal(alive(fixture).length, 1);
  assert.equal(report(fixture, 0).restarts, undefined);
  await ended(runner.stop());
});

test("Runner has a host stand by while connectors share one, for their work to go on there when it ends", async () => {
  const fixture = await open();
  const { scheduler, clock, runner, until, ended } = fixture;
  scheduler.assign(workOf("a", 0), workOf("a", 1));
  await until("both run", () => running(fixture) === 2);
  await clock.advance(60_000);
  assert.equal(alive(fixture).length, 1, "one connector's tasks have no neighbours");
  scheduler.assign(workOf("a", 0), workOf("b", 0));
  await until("b runs", () => scheduler.work.some(({ connector, state }) => connector === "b" && state === "RUNNING"));
  await clock.advance(5_000);
  const [shared, spare] = alive(fixture);
  assert.deepEqual([[...shared!.work].sort(), [...spare!.work]], [["task a 0", "task b 0"], []]);
  await clock.advance(60_000);
  assert.equal(alive(fixture).length, 2, "nobody has asked it anything");
  shared!.crash("exit code 1");
  await until("it has their work", () => spare!.work.size === 2);
  await clock.advance(5_000);
  assert.equal(alive(fixture).length, 2, "the next one stands by");
  scheduler.assign(workOf("a", 0));
  await until("b is gone", () => spare!.work.size === 1);
  await clock.advance(31_000);
  assert.deepEqual(layout(fixture), ["task a 0"]);
  await ended(runner.stop());
});

test("Runner ends a host that stands still, says who did it, and leaves the others as they were", async () => {
  const fixture = await open({ "millrace.task.host.blocked.ms": "5000" });
  const { scheduler, clock, runner, until, ended } = fixture;
  scheduler.assign(...[0, 1, 2].map((task) => workOf("a", task)));
  await until("all run", () => running(fixture) === 3);
  const host = hostOf(fixture, "task a 1");
  host.seen = { key: "task a 1", call: "poll", frames: ["spin (plugin.js:3:7)"] };
  host.deaf = true;
  const sinceMs = clock.monotonicMs();
  await until("it is ended", () => !host.alive);
  const tookMs = clock.monotonicMs() - sinceMs;
  assert.ok(tookMs >= 5_000 && tookMs <= 5_600, `${tookMs} ms`);
  await until("the others run", () => running(fixture) === 2);
  assert.ok(clock.monotonicMs() - sinceMs - tookMs < 500);
  assert.equal(
    report(fixture, 1).trace,
    "The task host ended: its event loop was blocked for more than 5000 ms (millrace.task.host.blocked.ms) by task a 1 in poll\n\tat spin (plugin.js:3:7)",
  );
  await until("all run again", () => running(fixture) === 3);
  assert.deepEqual(layout(fixture), ["task a 0, task a 2", "task a 1"]);
  assert.deepEqual(
    [0, 1, 2].map((task) => report(fixture, task).restarts?.count),
    [1, 1, 1],
  );
  await ended(runner.stop());
});

test("Runner parts what has just come from what ran for long in a host that crashes", async () => {
  const fixture = await open();
  const { scheduler, clock, runner, until, ended } = fixture;
  scheduler.assign(workOf("a", 0), workOf("a", 1));
  await until("they run", () => running(fixture) === 2);
  await clock.advance(20_000);
  scheduler.assign(workOf("a", 0), workOf("a", 1), workOf("b", 2));
  await until("all run", () => running(fixture) === 3);
  for (const expected of [["task a 0, task a 1, task b 2"], ["task b 2"], ["task b 2"]]) {
    const host = hostOf(fixture, "task b 2");
    assert.deepEqual([[...host.work].sort().join(", ")], expected);
    host.crash("exit code 1");
    await until("it is known", () => report(fixture, 2).state === "RESTARTING");
    await until("all run again", () => running(fixture) === 3);
  }
  assert.deepEqual([report(fixture, 0).restarts?.count, report(fixture, 2).restarts?.count], [1, 3]);
  await ended(runner.stop());
});

test("Runner finds out who crashes its hosts, isolates it, and fails it in the end; the others run on", async () => {
  const fixture = await open();
  const { scheduler, runner, until, ended } = fixture;
  const tasks = Array.from({ length: 6 }, (_, task) => workOf("a", task));
  scheduler.assign(...tasks);
  await until("all run", () => running(fixture) === 6);
  const crashes: string[] = [];
  while (report(fixture, 4).state !== "FAILED") {
    const host = hostOf(fixture, "task a 4");
    crashes.push([...host.work].sort().join(", "));
    host.crash("exit code 134");
    await until("the crash is known", () => ["RESTARTING", "FAILED"].includes(report(fixture, 4).state));
    if (report(fixture, 4).state === "RESTARTING") await until("all run again", () => running(fixture) === 6, 200_000);
  }
  const all = tasks.map((_, task) => `task a ${task}`).join(", ");
  assert.deepEqual(crashes.slice(0, 3), [all, all, "task a 3, task a 4"]);
  assert.deepEqual(new Set(crashes.slice(3)), new Set(["task a 4"]));
  assert.equal(crashes.length, 3 + 6, "five times it is started again");
  assert.equal(report(fixture, 4).trace, "The task host ended: exit code 134");
  assert.equal(running(fixture), 5);
  assert.equal(report(fixture, 0).restarts?.count, 2);
  scheduler.assign(...tasks.map((task) => (task.kind === "task" && task.task === 4 ? { ...task, restart: 1 } : task)));
  await until("a user's restart begins anew", () => running(fixture) === 6);
  assert.equal(report(fixture, 4).restarts, undefined);
  await ended(runner.stop());
});
