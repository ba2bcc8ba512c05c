import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fence,
  kafkaClusterId,
  offsetsGet,
  pluginConfig,
  pluginList,
  pluginValidate,
  runnerStats,
} from "@millrace/protocol";
import { committedOffsets, committedValues, connectorWork, taskWork } from "./testing/host-fixture.ts";
import { assertExactlyOnceSoFar } from "./testing/numbered-source.ts";
import { numberedWork, openRunnerFixture, type RunnerFixture } from "./testing/runner-fixture.ts";

const ID = "g-c-0";

async function open(properties: Record<string, string> = {}): Promise<RunnerFixture> {
  const fixture = await openRunnerFixture(properties);
  await fixture.until("the scheduler knows the runner", () => fixture.scheduler.beats.length > 0);
  return fixture;
}

const runs = ({ scheduler }: RunnerFixture, state: string) => scheduler.states().includes(state);

test("Runner starts what it is assigned and reports it", async () => {
  const fixture = await open();
  const { scheduler, cluster, runner, until, ended } = fixture;
  const connector = connectorWork({ config: { "connector.class": "test.NumberedSource", "tasks.max": "2" } });
  scheduler.assign(connector, numberedWork());
  await until("the task has done its work", () => assertExactlyOnceSoFar(cluster) === 10);
  await until("both run", () => runs(fixture, "connector/1 RUNNING") && runs(fixture, "0/1 RUNNING"));
  assert.deepEqual(scheduler.tasksPuts, [
    { name: "c", configs: [{ "task.class": "test.NumberedSource" }, { "task.class": "test.NumberedSource" }] },
  ]);
  assert.deepEqual(scheduler.beats.at(-1)?.applied, { epoch: 1, sequence: 1 });
  await ended(runner.stop());
});

test("Runner takes an assignment whose push was lost from a heartbeat's answer", async () => {
  const fixture = await open();
  const { scheduler, runner, until, ended } = fixture;
  scheduler.push = () => {};
  scheduler.assign(numberedWork());
  await until("it runs", () => runs(fixture, "0/1 RUNNING"));
  await ended(runner.stop());
});

test("Runner stops changed work before it starts it anew, and pauses it in place", async () => {
  const fixture = await open();
  const { scheduler, cluster, runner, until, ended } = fixture;
  const taskConfig = { total: "1000" };
  scheduler.assign(numberedWork({ taskConfig }));
  await until("it runs", () => assertExactlyOnceSoFar(cluster) > 3);
  scheduler.assign(numberedWork({ taskConfig, generation: 2 }));
  await until("the new generation runs", () => runs(fixture, "0/2 RUNNING"));
  for (const { work } of scheduler.beats) assert.ok(work.length <= 1, "never both at once");
  scheduler.assign(numberedWork({ taskConfig, generation: 2, targetState: "PAUSED" }));
  await until("it is paused", () => runs(fixture, "0/2 PAUSED"));
  const at = assertExactlyOnceSoFar(cluster);
  scheduler.assign(numberedWork({ taskConfig, generation: 2, restart: 1 }));
  await until("it goes on", () => assertExactlyOnceSoFar(cluster) > at);
  await ended(runner.stop());
});

test("Runner starts connector and task anew as often as values from config providers reach their age, and loses nothing", async () => {
  const fixture = await open({
    "config.providers": "env",
    "config.providers.env.class": "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
    "config.providers.env.param.ttl.ms": "300",
  });
  const { scheduler, cluster, runner, until, ended } = fixture;
  const config = { "connector.class": "test.NumberedSource", note: "${env:NOTE}" };
  scheduler.assign(connectorWork({ config }), taskWork({ config, taskConfig: { total: "300" } }));
  await until("the task has done its work", () => assertExactlyOnceSoFar(cluster) === 300);
  await until("the connector has made its tasks again and again", () => scheduler.tasksPuts.length > 3);
  const states = scheduler.beats.map(({ work }) => work.find(({ task }) => task === 0)?.state ?? "gone");
  const starts = states.filter((state, index) => state === "RUNNING" && states[index - 1] !== "RUNNING");
  assert.ok(starts.length > 2, states.join(" "));
  await ended(runner.stop());
});

test("Runner ignores an assignment older than what it has applied", async () => {
  const fixture = await open();
  const { scheduler, clock, runner, until, ended } = fixture;
  const old = scheduler.assign();
  scheduler.epoch = 2;
  scheduler.assign(numberedWork());
  await until("it runs", () => runs(fixture, "0/1 RUNNING"));
  scheduler.push({ ...old, sequence: 99 });
  scheduler.push({ ...old, epoch: 2, sequence: 1 });
  await clock.advance(3000);
  assert.ok(runs(fixture, "0/1 RUNNING"));
  await ended(runner.stop());
});

test("Runner takes changes on top of what it runs, and asks at once for what it has missed", async () => {
  const fixture = await open();
  const { scheduler, runner, until, ended } = fixture;
  scheduler.assign(numberedWork(), numberedWork({ task: 1 }));
  await until("both run", () => runs(fixture, "0/1 RUNNING") && runs(fixture, "1/1 RUNNING"));
  scheduler.change({ work: [numberedWork({ task: 2 })], gone: [{ connector: "c", task: 0 }] });
  await until("the others run", () => scheduler.states().join() === "1/1 RUNNING,2/1 RUNNING");
  const asked = scheduler.beats.length;
  const missed = scheduler.beats.at(-1)!.applied!.sequence + 1;
  scheduler.change({ since: missed, gone: [{ connector: "c", task: 1 }] });
  await until("it asks", () => scheduler.beats.length > asked, 100);
  assert.deepEqual(scheduler.states(), ["1/1 RUNNING", "2/1 RUNNING"], "and changes nothing by then");
  await ended(runner.stop());
});

test("Runner stops several works at once, and takes new assignments while it does", async () => {
  const fixture = await open();
  const { scheduler, runner, until, ended } = fixture;
  const tasks = [0, 1, 2].map((task) => numberedWork({ task }));
  scheduler.assign(...tasks);
  await until("all run", () => scheduler.states().filter((state) => state.endsWith("RUNNING")).length === 3);
  scheduler.assign(numberedWork({ task: 1, generation: 2 }));
  scheduler.assign(numberedWork({ task: 1, generation: 3 }));
  scheduler.assign(numberedWork({ task: 1, generation: 4 }));
  await until("only the last one runs", () => scheduler.states().join() === "1/4 RUNNING");
  scheduler.assign();
  await until("nothing runs", () => scheduler.states().length === 0);
  await ended(runner.stop());
});

test("Runner that is told to stop work while its host still starts leaves nothing running there", async () => {
  const fixture = await open();
  const { scheduler, clock, cluster, runner, until, ended } = fixture;
  scheduler.assign(numberedWork());
  scheduler.assign();
  await clock.advance(5000);
  await until("nothing is reported", () => scheduler.states().length === 0);
  const { hosts } = await ended(fixture.bus.request(runnerStats, {}));
  assert.deepEqual(
    hosts.flatMap(({ tasks }) => tasks),
    [],
  );
  assert.equal(cluster.transactions.hasOpen(ID), false);
  await ended(runner.stop());
});

test("Runner starts the work of a killed host again, later each time, exactly once", async () => {
  const fixture = await open();
  const { scheduler, cluster, hosts, runner, until, ended } = fixture;
  scheduler.assign(numberedWork({ taskConfig: { total: "60" } }));
  for (let kill = 0; kill < 3; kill++) {
    const before = assertExactlyOnceSoFar(cluster);
    await until("it goes on", () => assertExactlyOnceSoFar(cluster) >= before + 6);
    for (const host of hosts) host.kill();
    await until("it is reported", () => runs(fixture, "0/1 RESTARTING"));
    assert.match(scheduler.work[0]?.trace ?? "", /task host ended: killed by SIGKILL/);
    assert.equal(scheduler.work[0]?.active, false);
  }
  await until("it has ended its work", () => assertExactlyOnceSoFar(cluster) === 60);
  assert.ok(hosts.length >= 4);
  await ended(runner.stop());
});

test("Runner that gets a new assignment while lost work waits to start again follows the new one", async () => {
  const fixture = await open();
  const { scheduler, cluster, clock, hosts, runner, until, ended } = fixture;
  const taskConfig = { total: "30" };
  scheduler.assign(numberedWork({ taskConfig }), numberedWork({ task: 1, taskConfig: { total: "0" } }));
  await until("both run", () => runs(fixture, "0/1 RUNNING") && runs(fixture, "1/1 RUNNING"));
  for (const host of hosts) host.kill();
  await until("the loss is known", () => runs(fixture, "0/1 RESTARTING"));
  scheduler.assign(numberedWork({ taskConfig, generation: 2, targetState: "PAUSED" }));
  await until("the new generation is here", () => runs(fixture, "0/2 PAUSED"));
  await clock.advance(60_000);
  assert.deepEqual(scheduler.states(), ["0/2 PAUSED"]);
  scheduler.assign(numberedWork({ taskConfig, generation: 2 }));
  await until("it goes on", () => runs(fixture, "0/2 RUNNING"));
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 30);
  await ended(runner.stop());
});

test("Runner pauses lost work that is paused while it waits to start again", async () => {
  const fixture = await open();
  const { scheduler, hosts, runner, until, ended } = fixture;
  scheduler.assign(numberedWork());
  await until("it runs", () => runs(fixture, "0/1 RUNNING"));
  for (const host of hosts) host.kill();
  await until("the loss is known", () => runs(fixture, "0/1 RESTARTING"));
  scheduler.assign(numberedWork({ targetState: "PAUSED" }));
  await until("it is paused", () => runs(fixture, "0/1 PAUSED"));
  await ended(runner.stop());
});

test("Runner ends a host that doesn't answer a stop, and starts the host's other work again", async () => {
  const fixture = await open({ "millrace.task.hosts": "1", "task.shutdown.graceful.timeout.ms": "1000" });
  const { scheduler, hosts, runner, until, ended } = fixture;
  scheduler.assign(numberedWork(), numberedWork({ task: 1 }));
  await until("both run", () => runs(fixture, "0/1 RUNNING") && runs(fixture, "1/1 RUNNING"));
  hosts[0]!.deaf = true;
  scheduler.assign(numberedWork());
  await until("the host is ended", () => !hosts[0]!.alive);
  await until("the other task runs", () => scheduler.states().join() === "0/1 RUNNING");
  await ended(runner.stop());
});

test("Runner cancels a task that hangs and goes on with the rest", async () => {
  const fixture = await open({ "millrace.task.hosts": "1", "task.shutdown.graceful.timeout.ms": "1000" });
  const { scheduler, hosts, runner, until, ended } = fixture;
  scheduler.assign(numberedWork({ taskConfig: { hang: "0" } }), numberedWork({ task: 1 }));
  await until("both run", () => runs(fixture, "0/1 RUNNING") && runs(fixture, "1/1 RUNNING"));
  scheduler.assign(numberedWork({ generation: 2 }), numberedWork({ task: 1 }));
  await until("the new generation runs", () => runs(fixture, "0/2 RUNNING"));
  assert.ok(hosts[0]!.alive);
  await ended(runner.stop());
});

test("Runner drains: last commits, a heartbeat that says it leaves, none after it", async () => {
  const fixture = await open();
  const { scheduler, cluster, clock, hosts, runner, until, ended } = fixture;
  scheduler.assign(numberedWork({ taskConfig: { total: "1000" } }));
  await until("it runs", () => assertExactlyOnceSoFar(cluster) > 3);
  await ended(runner.stop());
  const last = scheduler.beats.at(-1)!;
  assert.deepEqual([last.draining, last.leaving, last.work], [true, true, []]);
  assert.equal(scheduler.beats.filter(({ leaving }) => leaving).length, 1);
  assert.equal(cluster.transactions.hasOpen(ID), false);
  assert.ok(hosts.every(({ alive }) => !alive));
  const beats = scheduler.beats.length;
  const at = assertExactlyOnceSoFar(cluster);
  await clock.advance(60_000);
  assert.deepEqual([scheduler.beats.length, assertExactlyOnceSoFar(cluster)], [beats, at]);
});

test("Runner sends nothing behind its last heartbeat, however slowly the scheduler answers", async () => {
  const fixture = await open();
  const { scheduler, clock, runner, until, ended } = fixture;
  scheduler.assign(numberedWork());
  await until("it runs", () => runs(fixture, "0/1 RUNNING"));
  scheduler.answerMs = 700;
  await ended(runner.stop());
  await clock.advance(10_000);
  assert.equal(scheduler.beats.at(-1)?.leaving, true);
});

test("Runner keeps data flowing while nobody leads (I11), and reports when somebody does again", async () => {
  const fixture = await open();
  const { scheduler, cluster, clock, runner, until, ended } = fixture;
  scheduler.assign(numberedWork({ taskConfig: { total: "300" } }));
  await until("it runs", () => assertExactlyOnceSoFar(cluster) > 3);
  await scheduler.resign();
  await until("it goes on", () => assertExactlyOnceSoFar(cluster) === 300);
  await clock.advance(30_000);
  const beats = scheduler.beats.length;
  await scheduler.lead();
  await until("it is heard again", () => scheduler.beats.length > beats);
  assert.deepEqual(scheduler.states(), ["0/1 RUNNING"]);
  await ended(runner.stop());
});

test("Runner is heard again within its session when the answer to a heartbeat is lost", async () => {
  const fixture = await open({ "heartbeat.interval.ms": "400", "session.timeout.ms": "1500" });
  const { scheduler, clock, runner, ended } = fixture;
  scheduler.answerMs = 60_000;
  await clock.advance(400);
  scheduler.answerMs = 0;
  const beats = scheduler.beats.length;
  await clock.advance(1_400);
  assert.ok(scheduler.beats.length > beats);
  await ended(runner.stop());
});

test("Runner reports work released whose assignment the leader calls revoked", async () => {
  const fixture = await open();
  const { scheduler, runner, until, ended } = fixture;
  scheduler.verdict = "revoked";
  scheduler.assign(numberedWork());
  await until("it is released", () => scheduler.work[0]?.active === false);
  assert.deepEqual(scheduler.states(), ["0/1 UNASSIGNED"]);
  await ended(runner.stop());
});

test("Runner passes questions on to a task host", async () => {
  const { bus, cluster, scheduler, runner, until, ended } = await open();
  scheduler.assign(numberedWork());
  await until("records are there", () => committedValues(cluster).length === 10);
  const config = { "connector.class": "NumberedSource", name: "c" };
  const { plugins } = await ended(bus.request(pluginList, {}));
  assert.ok(plugins.some((plugin) => plugin.class === "test.NumberedSource" && plugin.type === "source"));
  const { infos } = await ended(bus.request(pluginValidate, { config: { ...config, total: "many" } }));
  assert.equal(infos.error_count, 1);
  const { definitions } = await ended(bus.request(pluginConfig, { plugin: "test.NumberedSource", version: null }));
  assert.ok(definitions.some(({ name }) => name === "total"));
  await assert.rejects(
    ended(bus.request(pluginConfig, { plugin: "test.Nothing", version: null })),
    /Unknown plugin test\.Nothing\./,
  );
  assert.deepEqual(await ended(bus.request(kafkaClusterId, {})), { clusterId: "fake-cluster" });
  assert.deepEqual(await ended(bus.request(offsetsGet, { connector: "c", config })), {
    offsets: [{ partition: { p: "a" }, offset: { n: 10 } }],
  });
  assert.deepEqual(committedOffsets(cluster), { a: 10 });
  await ended(runner.stop());
});

test("Runner fences the tasks it is asked to: what they left open is aborted (I3)", async () => {
  const { bus, cluster, runner, scheduler, ended } = await open();
  const producer = await cluster.client().transactionalProducer({ "transactional.id": "g-c-1" });
  await producer.initTransactions(1000);
  await producer.beginTransaction();
  producer.send("out", 0, new Uint8Array([1]), null, 0, null);
  await producer.flush(1000);
  const config = { "connector.class": "test.NumberedSource", name: "c" };
  await ended(bus.request(fence(scheduler.beats[0]!.runner), { connector: "c", config, tasks: 2 }));
  assert.equal(cluster.transactions.hasOpen("g-c-1"), false);
  await assert.rejects(producer.commitTransaction(1000));
  await ended(runner.stop());
});
