import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, type ConnectorContext, definePlugin, type TaskConfig } from "@millrace/connect";
import { ProtocolError } from "@millrace/protocol";
import { connectorWork, openHostFixture } from "../../testing/host-fixture.ts";
import { RunningConnector } from "./running-connector.ts";

interface Script {
  start?(context: ConnectorContext, config: TaskConfig): void | Promise<void>;
  taskConfigs?(tasksMax: number): readonly TaskConfig[] | Promise<readonly TaskConfig[]>;
  stop?(): void | Promise<void>;
}

const SECRETS = { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret" };

function open(script: Script, work = connectorWork(), secrets: Readonly<Record<string, string>> = SECRETS) {
  const calls: string[] = [];
  const plugin = definePlugin({
    type: "source",
    class: "test.ScriptedConnector",
    version: "7",
    overview: "Does what the test says.",
    config: new ConfigDef(),
    create: () => ({
      start(context, config) {
        calls.push("start");
        return script.start?.(context, config);
      },
      taskConfigs(tasksMax) {
        calls.push(`taskConfigs ${tasksMax}`);
        return script.taskConfigs?.(tasksMax) ?? Array.from({ length: tasksMax }, (_, n) => ({ n: String(n) }));
      },
      stop() {
        calls.push("stop");
        return script.stop?.();
      },
      task: () => {
        throw new Error("connectors make no tasks here");
      },
    }),
  });
  const fixture = openHostFixture({ plugins: [plugin], secrets });
  const puts: { configVersion: number; configs: Record<string, string>[] }[] = [];
  const answers: (ProtocolError | null)[] = [];
  const link: typeof fixture.link = {
    ...fixture.link,
    tasksPut: async ({ configVersion, configs }) => {
      const error = answers.shift();
      if (error) throw error;
      puts.push({ configVersion, configs });
      return { changed: true, tasksVersion: 1 };
    },
  };
  const config = { ...work.config, "connector.class": "test.ScriptedConnector" };
  const connector = new RunningConnector(fixture.env, { ...work, config }, link);
  const states = () => fixture.reports.map(({ state, active }) => `${state}${active ? "" : " released"}`);
  return { ...fixture, connector, calls, puts, answers, states };
}

test("RunningConnector starts, stores its task configs and stops", async () => {
  const work = connectorWork({ config: { "connector.class": "", "tasks.max": "2" }, configVersion: 5 });
  const { connector, calls, puts, states, until, reports } = open({}, work);
  await until("the tasks are stored", () => puts.length === 1);
  const taskClass = { "task.class": "test.ScriptedTask" };
  assert.deepEqual(puts, [
    {
      configVersion: 5,
      configs: [
        { n: "0", ...taskClass },
        { n: "1", ...taskClass },
      ],
    },
  ]);
  await connector.stop(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "RUNNING", "UNASSIGNED released"]);
  assert.deepEqual(calls, ["start", "taskConfigs 2", "stop"]);
  assert.deepEqual([reports[1]?.generation, reports[1]?.version, reports[1]?.task], [5, "7", null]);
});

test("RunningConnector pauses, stops and resumes in the order it is told", async () => {
  const { connector, calls, states, until, puts } = open({});
  for (const target of ["PAUSED", "STOPPED", "STARTED"] as const) connector.setTarget(target);
  await until("it runs again", () => states().length === 5 && puts.length >= 1);
  assert.deepEqual(states(), ["UNASSIGNED", "RUNNING", "PAUSED", "STOPPED", "RUNNING"]);
  assert.deepEqual(
    calls.filter((call) => !call.startsWith("task")),
    ["start", "stop", "start"],
  );
  await connector.stop(1000);
});

test("RunningConnector that starts paused or stopped doesn't start the connector", async () => {
  for (const targetState of ["PAUSED", "STOPPED"] as const) {
    const { connector, calls, states, clock } = open({}, connectorWork({ targetState }));
    await clock.advance(10);
    assert.deepEqual([states(), calls], [["UNASSIGNED", targetState], []]);
    await connector.stop(1000);
  }
});

test("RunningConnector fails when its start does, and stays failed", async () => {
  const { connector, states, until, reports, clock } = open({
    start: () => {
      throw new Error("no such database");
    },
  });
  await until("it has failed", () => states().at(-1) === "FAILED");
  assert.match(reports.at(-1)?.trace ?? "", /no such database/);
  connector.setTarget("PAUSED");
  connector.setTarget("STARTED");
  await clock.advance(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "FAILED"]);
  await connector.stop(1000);
  assert.equal(states().at(-1), "UNASSIGNED released");
});

test("RunningConnector fails when the connector raises an error", async () => {
  let context!: ConnectorContext;
  const { connector, states, until, reports } = open({
    start: (given) => {
      context = given;
    },
  });
  await until("it runs", () => states().at(-1) === "RUNNING");
  context.raiseError(new Error("the upstream went away"));
  context.raiseError(new Error("again"));
  assert.equal(states().filter((state) => state === "FAILED").length, 1);
  assert.match(reports.at(-1)?.trace ?? "", /the upstream went away/);
  await connector.stop(1000);
});

test("RunningConnector makes task configs again when asked, merging bursts", async () => {
  let context!: ConnectorContext;
  const { connector, puts, until, clock } = open({
    start: (given) => {
      context = given;
    },
  });
  await until("the tasks are stored", () => puts.length === 1);
  for (let i = 0; i < 10; i++) context.requestTaskReconfiguration();
  await clock.advance(100);
  assert.ok(puts.length >= 2 && puts.length <= 3, `${puts.length} rounds`);
  await connector.stop(1000);
});

test("RunningConnector tries again where task configs can't be made or stored, and stops where they are superseded", async () => {
  let failures = 2;
  const { connector, puts, calls, answers, until, clock } = open({
    taskConfigs: () => {
      if (failures-- > 0) throw new Error("not yet");
      return [{}];
    },
  });
  answers.push(new ProtocolError("UNAVAILABLE", "nobody there"));
  await until("the tasks are stored", () => puts.length === 1);
  assert.equal(calls.filter((call) => call.startsWith("task")).length, 4);
  for (const code of ["CONFLICT", "NOT_FOUND"] as const) {
    const other = open({});
    other.answers.push(new ProtocolError(code, "superseded"));
    await other.clock.advance(60_000);
    assert.deepEqual([other.puts, other.states().at(-1)], [[], "RUNNING"]);
    await other.connector.stop(1000);
  }
  await Promise.all([connector.stop(1000), clock.advance(10)]);
});

test("RunningConnector fails when it makes more tasks than it may, unless that isn't enforced", async () => {
  const script: Script = { taskConfigs: () => [{}, {}] };
  const strict = open(script);
  await strict.until("it has failed", () => strict.states().at(-1) === "FAILED");
  assert.match(
    strict.reports.at(-1)?.trace ?? "",
    /^org\.apache\.kafka\.connect\.runtime\.TooManyTasksException: The connector c has generated 2 tasks, which is greater than 1/,
  );
  await strict.connector.stop(1000);
  const work = connectorWork({ config: { "connector.class": "", "tasks.max.enforce": "FALSE" } });
  const lenient = open(script, work);
  await lenient.until("the tasks are stored", () => lenient.puts.length === 1);
  const warnings = lenient.logs.filter(({ level }) => level === "warn").map(({ message }) => message);
  assert.deepEqual(warnings, [
    "The connector c has generated 2 tasks, which is greater than 1, the maximum number of tasks it is configured to create. This behavior should be considered a bug and will be disallowed in future releases of Kafka Connect. Please report this to the maintainers of the connector and request that they adjust their connector's taskConfigs() method to respect the maxTasks parameter.",
  ]);
  await lenient.connector.stop(1000);
});

test("RunningConnector paused while it makes task configs doesn't store them", async () => {
  let give = (_: readonly TaskConfig[]) => {};
  const { connector, puts, calls, until, clock, states } = open({
    taskConfigs: () =>
      new Promise((resolve) => {
        give = resolve;
      }),
  });
  await until("it is asked", () => calls.includes("taskConfigs 1"));
  connector.setTarget("STOPPED");
  await until("it is stopped", () => states().at(-1) === "STOPPED");
  give([{}]);
  await clock.advance(1000);
  assert.deepEqual(puts, []);
  await connector.stop(1000);
});

test("RunningConnector stopped while it starts is heard no more, and stops the connector once it has started", async () => {
  let started = () => {};
  const { connector, calls, clock, states } = open({
    start: () =>
      new Promise((resolve) => {
        started = resolve;
      }),
  });
  await clock.advance(10);
  await Promise.all([connector.stop(1000), clock.advance(2000)]);
  assert.deepEqual(states(), ["UNASSIGNED", "UNASSIGNED released"]);
  started();
  await clock.advance(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "UNASSIGNED released"]);
  assert.deepEqual(calls, ["start", "stop"]);
});

test("RunningConnector gives the connector its secrets and stores and reports none of them (I9)", async () => {
  let context!: ConnectorContext;
  let password: string | undefined;
  const reference = "$" + "{secrets:db:password}";
  const work = connectorWork({ config: { "connector.class": "", "db.password": reference } });
  const { connector, puts, until, reports } = open(
    {
      start: (given, config) => {
        context = given;
        password = config["db.password"];
      },
      taskConfigs: () => [{ "db.password": password ?? "", dsn: `app:${password}@db` }],
    },
    work,
  );
  await until("the tasks are stored", () => puts.length === 1);
  assert.equal(password, "hunter2secret");
  assert.deepEqual(puts[0]?.configs, [
    { "db.password": reference, dsn: `app:${reference}@db`, "task.class": "test.ScriptedTask" },
  ]);
  context.raiseError(new Error("login with hunter2secret failed"));
  assert.doesNotMatch(JSON.stringify(reports), /hunter2secret/);
  assert.ok(reports.at(-1)?.trace?.includes(`login with ${reference} failed`));
  await connector.stop(1000);
});

test("RunningConnector lets the connector read its committed offsets", async () => {
  let offset: unknown = "not read";
  const { connector, until } = open({
    start: async (context) => {
      offset = await context.offsets.offset({ p: "a" });
    },
  });
  await until("they are read", () => offset !== "not read");
  assert.equal(offset, null);
  await connector.stop(1000);
});

test("RunningConnector asks to begin anew when a secret has changed, though it has failed, and not while it is paused", async () => {
  const env = { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret" };
  const work = connectorWork({ config: { "connector.class": "", "db.password": "$" + "{secrets:db:password}" } });
  const { connector, until, clock, reloads, states, logs } = open({}, work, env);
  await until("it runs", () => states().at(-1) === "RUNNING");
  await clock.advance(120_000);
  assert.deepEqual(reloads, []);
  connector.setTarget("PAUSED");
  await until("it is paused", () => states().at(-1) === "PAUSED");
  env.MILLRACE_SECRET_DB_PASSWORD = "another secret";
  await clock.advance(120_000);
  assert.deepEqual(reloads, []);
  connector.setTarget("STARTED");
  await until("it runs again", () => states().at(-1) === "RUNNING");
  env.MILLRACE_SECRET_DB_PASSWORD = "a third secret";
  await clock.advance(60_000);
  assert.deepEqual(reloads, ["connector c"]);
  assert.doesNotMatch(JSON.stringify(logs), /hunter2secret|another secret|a third secret/);
  await connector.stop(1000);

  const failing: Script = {
    start: () => {
      throw new Error("no login");
    },
  };
  const failed = open(failing, work, env);
  await failed.until("it has failed", () => failed.states().at(-1) === "FAILED");
  env.MILLRACE_SECRET_DB_PASSWORD = "the right secret";
  await failed.clock.advance(60_000);
  assert.deepEqual(failed.reloads, ["connector c"]);
  await failed.connector.stop(1000);
});

test("RunningConnector waits from 250 ms to a minute between attempts to make task configs", async () => {
  const { connector, calls, clock, until } = open({
    taskConfigs: () => {
      throw new Error("not yet");
    },
  });
  const asked = () => calls.filter((call) => call.startsWith("task")).length;
  await until("it is asked", () => asked() === 1);
  const waitsMs: number[] = [];
  for (let last = clock.nowMs(); waitsMs.length < 12; ) {
    const before = asked();
    await until("it is asked again", () => asked() > before, 130_000);
    waitsMs.push(clock.nowMs() - last);
    last = clock.nowMs();
  }
  for (const [index, waitMs] of waitsMs.entries()) {
    const expectedMs = Math.min(60_000, 250 * 2 ** index);
    const near = Math.abs(waitMs - expectedMs) <= expectedMs / 10 + 20;
    assert.ok(near, `wait ${index} took ${waitMs} ms, not about ${expectedMs} ms`);
  }
  await connector.stop(1000);
});
