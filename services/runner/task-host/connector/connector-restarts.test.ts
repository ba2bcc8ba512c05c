import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, ConfigError, type ConnectorContext, definePlugin, RetriableError } from "@millrace/connect";
import { connectorWork, openHostFixture } from "../../testing/host-fixture.ts";
import { RunningConnector } from "./running-connector.ts";

interface Script {
  start?(context: ConnectorContext): void | Promise<void>;
  stop?(): void | Promise<void>;
}

/** A connector whose instances say what is done to them: `start 1`, `stop 1`, `start 2`. */
function open(script: Script = {}, worker: Readonly<Record<string, string>> = {}) {
  const calls: string[] = [];
  const contexts: ConnectorContext[] = [];
  const plugin = definePlugin({
    type: "source",
    class: "test.ScriptedConnector",
    version: "7",
    overview: "Does what the test says.",
    config: new ConfigDef(),
    create: () => {
      let instance = 0;
      return {
        start(context) {
          instance = contexts.push(context);
          calls.push(`start ${instance}`);
          return script.start?.(context);
        },
        taskConfigs: () => [{}],
        stop() {
          calls.push(`stop ${instance}`);
          return script.stop?.();
        },
        task: () => {
          throw new Error("connectors make no tasks here");
        },
      };
    },
  });
  const fixture = openHostFixture({ plugins: [plugin], worker });
  const work = connectorWork({ config: { "connector.class": "test.ScriptedConnector" } });
  const connector = new RunningConnector(fixture.env, work, fixture.link);
  const { reports } = fixture;
  return {
    ...fixture,
    connector,
    calls,
    contexts,
    states: () => reports.map(({ state, active }) => `${state}${active ? "" : " released"}`),
    last: () => reports.at(-1)!,
  };
}

const unreachable = () => new RetriableError("the database cannot be reached");

test("RunningConnector that cannot start just now tries again, each time with a new instance, and says so", async () => {
  let failures = 3;
  const { connector, calls, last, until, clock, states } = open({
    start: () => {
      if (failures-- > 0) throw unreachable();
    },
  });
  await until("it waits", () => last().state === "RESTARTING");
  const { restarts, trace, active } = last();
  assert.deepEqual([restarts?.count, restarts?.reason, active], [1, "retriable: the database cannot be reached", true]);
  assert.match(trace ?? "", /RetriableException: the database cannot be reached/);
  await until("it runs", () => last().state === "RUNNING");
  assert.deepEqual(states(), ["UNASSIGNED", "RESTARTING", "RESTARTING", "RESTARTING", "RUNNING"]);
  assert.deepEqual(calls, ["start 1", "stop 1", "start 2", "stop 2", "start 3", "stop 3", "start 4"]);
  assert.deepEqual([last().restarts?.count, last().restarts?.nextMs, last().trace], [3, null, null]);
  await Promise.all([connector.stop(1000), clock.advance(10)]);
});

test("RunningConnector that raises passing trouble is replaced; what the old instance says then is not heard", async () => {
  const { connector, calls, contexts, last, until, clock, states } = open();
  await until("it runs", () => last().state === "RUNNING");
  contexts[0]!.raiseError(unreachable());
  contexts[0]!.raiseError(new Error("again"));
  await clock.advance(0);
  assert.deepEqual([last().state, calls], ["RESTARTING", ["start 1", "stop 1"]]);
  await until("it runs again", () => last().state === "RUNNING");
  contexts[0]!.raiseError(new Error("from the grave"));
  contexts[0]!.requestTaskReconfiguration();
  await clock.advance(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "RUNNING", "RESTARTING", "RUNNING"]);
  contexts[1]!.raiseError(new TypeError("a bug"));
  await clock.advance(120_000);
  assert.equal(last().state, "FAILED");
  await Promise.all([connector.stop(1000), clock.advance(10)]);
  contexts[1]!.raiseError(new Error("stopped"));
  assert.equal(states().at(-1), "UNASSIGNED released");
});

test("RunningConnector fails at once for a setting, for a bug, and for anything with millrace.auto.restart=false", async () => {
  const off = { "millrace.auto.restart": "false" };
  const cases = [
    [new ConfigError("bad"), {}],
    [new TypeError("a bug"), {}],
    [unreachable(), off],
  ] as const;
  for (const [error, worker] of cases) {
    const { connector, states, last, until, clock } = open({ start: () => Promise.reject(error) }, worker);
    await until("it has failed", () => last().state === "FAILED");
    await clock.advance(120_000);
    assert.deepEqual([states(), "restarts" in last()], [["UNASSIGNED", "FAILED"], false]);
    await Promise.all([connector.stop(1000), clock.advance(10)]);
  }
});

test("RunningConnector paused or stopped while it waits stays so, and resumed starts at once", async () => {
  for (const target of ["PAUSED", "STOPPED"] as const) {
    let failures = 1;
    const { connector, calls, last, until, clock } = open({
      start: () => {
        if (failures-- > 0) throw unreachable();
      },
    });
    await until("it waits", () => last().state === "RESTARTING");
    connector.setTarget(target);
    await clock.advance(600_000);
    assert.deepEqual([last().state, last().restarts?.nextMs, calls], [target, null, ["start 1", "stop 1"]]);
    connector.setTarget("STARTED");
    await clock.advance(0);
    assert.equal(last().state, "RUNNING");
    await Promise.all([connector.stop(1000), clock.advance(10)]);
  }
});

test("RunningConnector that has failed ignores pause and resume; stopped it is STOPPED, and resumed starts anew", async () => {
  let failures = 1;
  const { connector, calls, last, until, clock, states } = open({
    start: () => {
      if (failures-- > 0) throw new TypeError("a bug");
    },
  });
  await until("it has failed", () => last().state === "FAILED");
  connector.setTarget("PAUSED");
  connector.setTarget("STARTED");
  await clock.advance(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "FAILED"]);
  connector.setTarget("STOPPED");
  connector.setTarget("STARTED");
  await clock.advance(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "FAILED", "STOPPED", "RUNNING"]);
  assert.deepEqual(calls, ["start 1", "stop 1", "start 2"]);
  await Promise.all([connector.stop(1000), clock.advance(10)]);
});

test("RunningConnector that cannot be paused has failed, even with passing trouble; one that cannot be stopped is STOPPED", async () => {
  const script: Script = { stop: () => Promise.reject(unreachable()) };
  const paused = open(script);
  paused.connector.setTarget("PAUSED");
  await paused.clock.advance(120_000);
  assert.deepEqual(paused.states(), ["UNASSIGNED", "RUNNING", "FAILED"]);
  const stopped = open(script);
  stopped.connector.setTarget("STOPPED");
  await stopped.clock.advance(1000);
  assert.deepEqual(stopped.states(), ["UNASSIGNED", "RUNNING", "STOPPED"]);
  for (const { connector, clock } of [paused, stopped]) await Promise.all([connector.stop(1000), clock.advance(10)]);
});

test("RunningConnector stopped while it waits starts nothing any more", async () => {
  const { connector, calls, last, until, clock, states } = open({ start: () => Promise.reject(unreachable()) });
  await until("it waits", () => last().state === "RESTARTING");
  await Promise.all([connector.stop(1000), clock.advance(10)]);
  await clock.advance(600_000);
  assert.deepEqual([states().at(-1), calls], ["UNASSIGNED released", ["start 1", "stop 1"]]);
});
