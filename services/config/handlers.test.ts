import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Bus, MemoryHub } from "@millrace/bus";
import {
  type ConfigInfos,
  configChanged,
  configChanges,
  connectorDelete,
  connectorGet,
  connectorHistory,
  connectorPut,
  connectorRollback,
  connectorTargetState,
  ProtocolError,
  pluginValidate,
  tasksPut,
} from "@millrace/protocol";
import { VirtualClock } from "@millrace/time";
import { createConfig } from "./handlers.ts";
import type { ConfigStore } from "./store.ts";
import { openMemoryStore } from "./store-memory.ts";

const valid = {
  infos: { name: "Source", error_count: 0, groups: [], configs: [] },
  type: "source" as const,
  passwords: [] as string[],
};

function invalid(...errors: string[]): { infos: ConfigInfos; type: "sink"; passwords: string[] } {
  const value = { name: "topics", value: null, recommended_values: [], errors, visible: true };
  const configs = [
    { definition: null, value: null },
    { definition: null, value },
  ];
  return { infos: { name: "Sink", error_count: errors.length, groups: [], configs }, type: "sink", passwords: [] };
}

type Validator = Parameters<typeof answerValidate>[1];

function answerValidate(
  bus: Bus,
  validator: (
    config: Record<string, string | null>,
  ) => typeof valid | ReturnType<typeof invalid> | Promise<typeof valid>,
) {
  return bus.respond(pluginValidate, ({ config }) => validator(config));
}

async function setUp(context: TestContext, options: { validator?: Validator | null; store?: ConfigStore } = {}) {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock });
  const bus = hub.connect("asker");
  const store = options.store ?? openMemoryStore();
  const service = createConfig({ bus: hub.connect("config"), store, clock, logger: { info() {}, warn() {} } });
  await service.start();
  const validator = options.validator === undefined ? () => valid : options.validator;
  if (validator) await answerValidate(hub.connect("runner"), validator);
  const revisions: number[] = [];
  await bus.subscribe(configChanged, ({ revision }) => void revisions.push(revision));
  context.after(() => service.stop());
  return { bus, clock, store, service, revisions };
}

const create = { name: "c", config: { "connector.class": "Source" }, createOnly: true };

test("connectorPut stores a valid config with its name where it stood, else last, says so, and answers with the record", async (context) => {
  const { bus, revisions, store, clock } = await setUp(context);
  const { created, connector } = await bus.request(connectorPut, { ...create, initialTargetState: "PAUSED" });
  assert.equal(created, true);
  assert.deepEqual(Object.keys(connector.config), ["connector.class", "name"]);
  assert.equal(connector.config.name, "c");
  assert.deepEqual([connector.version, connector.targetState, connector.revision], [1, "PAUSED", 1]);
  assert.deepEqual(await bus.request(connectorGet, { name: "c" }), { connector });
  assert.deepEqual(revisions, [1]);
  assert.equal((await store.history("c"))[0]?.atMs, clock.nowMs());
});

test("connectorPut of an invalid config answers INVALID in Connect's words and stores nothing", async (context) => {
  const { bus, revisions } = await setUp(context, { validator: () => invalid("first wrong", "second wrong") });
  await assert.rejects(bus.request(connectorPut, create), {
    code: "INVALID",
    message: [
      "Connector configuration is invalid and contains the following 2 error(s):",
      "first wrong",
      "second wrong",
      "You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`",
    ].join("\n"),
  });
  assert.equal((await bus.request(configChanges, { sinceRevision: 0 })).revision, 0);
  assert.deepEqual(revisions, []);
});

test("connectorPut validates before it looks whether the name is taken, and passes null values to the runner", async (context) => {
  const seen: unknown[] = [];
  const { bus } = await setUp(context, {
    validator: (config) => {
      seen.push(config);
      return config.x === null ? invalid("Null value can not be supplied as the configuration value.") : valid;
    },
  });
  await bus.request(connectorPut, create);
  await assert.rejects(bus.request(connectorPut, { ...create, config: { x: null } }), { code: "INVALID" });
  await assert.rejects(bus.request(connectorPut, create), {
    code: "ALREADY_EXISTS",
    message: "Connector c already exists",
  });
  assert.deepEqual(seen[1], { name: "c", x: null });
});

test("connectorPut passes on what the runner refuses", async (context) => {
  const error = new ProtocolError("INVALID", "Connector config contains no connector type");
  const { bus } = await setUp(context, { validator: () => Promise.reject(error) });
  await assert.rejects(bus.request(connectorPut, create), { code: "INVALID", message: error.message });
});

test("connectorPut shows why a validation failed without Kafka's class before it, as Connect does", async (context) => {
  const reason = "Could not read properties from file /run/secret";
  const error = new ProtocolError("INTERNAL", `org.apache.kafka.common.config.ConfigException: ${reason}`);
  const { bus } = await setUp(context, { validator: () => Promise.reject(error) });
  await assert.rejects(bus.request(connectorPut, create), { code: "INTERNAL", message: reason });
});

test("connectorPut without a runner answers UNAVAILABLE and says what to do", async (context) => {
  const { bus } = await setUp(context, { validator: null });
  await assert.rejects(bus.request(connectorPut, create), {
    code: "UNAVAILABLE",
    retriable: true,
    message:
      "No runner is alive to validate connector c, the configuration was not stored; start a runner and try again",
  });
});

test("connectorPut gives a runner 60 s", async (context) => {
  const { bus, clock } = await setUp(context, { validator: () => new Promise(() => {}) });
  const answer = assert.rejects(bus.request(connectorPut, create, { timeoutMs: 90_000 }), {
    code: "TIMEOUT",
    message: /No runner validated connector c within 60 s, the configuration was not stored/,
  });
  await clock.advance(60_000);
  await answer;
});

test("createConfig decides on the state after validation: other writes go on meanwhile, and an outdated put is refused", async (context) => {
  const { promise: reached, resolve: reach } = withResolvers<void>();
  const { promise: validated, resolve: finish } = withResolvers<typeof valid>();
  const { bus } = await setUp(context, {
    validator: (config) => {
      if (config.slow === undefined) return valid;
      reach();
      return validated;
    },
  });
  await bus.request(connectorPut, create);
  const slow = bus.request(connectorPut, { ...create, createOnly: false, config: { slow: "1" }, expectedVersion: 1 });
  const refused = assert.rejects(slow, { code: "CONFLICT" });
  await reached;
  const { connector } = await bus.request(connectorPut, { ...create, createOnly: false });
  assert.equal(connector.version, 2);
  finish(valid);
  await refused;
});

test("a write is answered only after the store has it, and a store that fails is no success", async (context) => {
  const memory = openMemoryStore();
  const { promise: durable, resolve: makeDurable } = withResolvers<void>();
  const store: ConfigStore = { ...memory, apply: (...args) => durable.then(() => memory.apply(...args)) };
  const { bus, revisions, clock } = await setUp(context, { store });
  let answered = false;
  const answer = bus.request(connectorPut, create).then(() => {
    answered = true;
  });
  await clock.advance(5000);
  assert.deepEqual([answered, revisions], [false, []]);
  makeDurable();
  await answer;
  assert.deepEqual(revisions, [1]);
});

test("connectorTargetState, connectorDelete and connectorGet answer with Connect's words for an unknown name", async (context) => {
  const { bus } = await setUp(context);
  const unknown = { code: "NOT_FOUND", message: "Unknown connector x" };
  const notFound = { code: "NOT_FOUND", message: "Connector x not found" };
  await assert.rejects(bus.request(connectorTargetState, { name: "x", targetState: "PAUSED" }), unknown);
  await assert.rejects(bus.request(connectorDelete, { name: "x" }), notFound);
  await assert.rejects(bus.request(connectorGet, { name: "x" }), notFound);
  await assert.rejects(bus.request(connectorGet, { name: "\0" }), { code: "NOT_FOUND" });
  await assert.rejects(bus.request(connectorDelete, { name: "\0" }), { code: "INVALID" });
  await assert.rejects(bus.request(connectorPut, { ...create, name: "n".repeat(2000) }), { code: "INVALID" });
});

test("a connector's life from create to delete, as the scheduler reads it", async (context) => {
  const { bus, revisions } = await setUp(context);
  await bus.request(connectorPut, create);
  const tasks = { name: "c", configVersion: 1, configs: [{ t: "0" }] };
  assert.deepEqual(await bus.request(tasksPut, tasks), { changed: true, tasksVersion: 1 });
  assert.deepEqual(await bus.request(tasksPut, tasks), { changed: false, tasksVersion: 1 });
  const { connector } = await bus.request(connectorTargetState, { name: "c", targetState: "STOPPED" });
  assert.deepEqual(connector.tasks, { version: 2, configVersion: 1, configs: [] });
  await assert.rejects(bus.request(tasksPut, tasks), { code: "CONFLICT" });
  assert.deepEqual(await bus.request(configChanges, { sinceRevision: 2 }), {
    connectors: [connector],
    deleted: [],
    revision: 3,
    more: false,
  });
  assert.deepEqual(await bus.request(connectorDelete, { name: "c" }), { revision: 4 });
  const { deleted, connectors } = await bus.request(configChanges, { sinceRevision: 3 });
  assert.deepEqual([connectors, deleted, revisions], [[], ["c"], [1, 2, 3, 4]]);
});

test("stop gives up a validation that is under way and answers it", async (context) => {
  const { promise: reached, resolve: reach } = withResolvers<void>();
  const { bus, service } = await setUp(context, {
    validator: () => {
      reach();
      return new Promise(() => {});
    },
  });
  const answer = assert.rejects(bus.request(connectorPut, create), {
    code: "UNAVAILABLE",
    message: "The config service is shutting down, the configuration was not stored",
  });
  await reached;
  await service.stop();
  await answer;
});

test("connectorHistory answers in pages, and connectorRollback writes an earlier config again, passwords included", async (context) => {
  const { bus, store } = await setUp(context, { validator: () => ({ ...valid, passwords: ["pw"] }) });
  for (const n of ["1", "2", "3"]) {
    await bus.request(connectorPut, { name: "c", config: { n, pw: `secret${n}` }, createOnly: false });
  }
  const page = await bus.request(connectorHistory, { name: "c", beforeVersion: null, limit: 2 });
  assert.deepEqual([page.versions.map(({ version }) => version), page.more], [[3, 2], true]);
  const last = await bus.request(connectorHistory, { name: "c", beforeVersion: 2, limit: 2 });
  assert.deepEqual(
    [last.versions.map(({ config, passwords }) => [config.n, passwords]), last.more],
    [[["1", ["pw"]]], false],
  );
  const { created, connector } = await bus.request(connectorRollback, { name: "c", version: 1 });
  assert.deepEqual([created, connector.version, connector.config], [false, 4, { name: "c", n: "1", pw: "secret1" }]);
  await bus.request(connectorDelete, { name: "c" });
  assert.equal((await bus.request(connectorRollback, { name: "c", version: 3 })).created, true);
  assert.equal((await store.get("c"))?.config.pw, "secret3");
  await assert.rejects(bus.request(connectorRollback, { name: "c", version: 9 }), {
    code: "NOT_FOUND",
    message: /^Connector c has no config version 9\./,
  });
});

test("connectorHistory never answers with more than fits in a message", async (context) => {
  const { bus } = await setUp(context);
  for (let i = 0; i < 4; i++) {
    await bus.request(connectorPut, { name: "c", config: { x: "x".repeat(200_000) }, createOnly: false });
  }
  const { versions, more } = await bus.request(connectorHistory, { name: "c", beforeVersion: null, limit: 100 });
  assert.deepEqual([versions.length, more], [2, true]);
});

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test("connectorPut takes a mask for the stored password, and refuses one that stands for none", async (context) => {
  const { bus, store } = await setUp(context, { validator: () => ({ ...valid, passwords: ["db.password"] }) });
  const put = (config: Record<string, string>) => bus.request(connectorPut, { name: "c", config, createOnly: false });
  const masked = { "connector.class": "Source", "db.password": "[hidden]", "tasks.max": "2" };
  await assert.rejects(put(masked), { code: "INVALID", message: /^db\.password is '\[hidden\]', which stands for/ });
  await put({ "connector.class": "Source", "db.password": "hunter2" });
  await put(masked);
  const { config, passwords } = (await store.get("c"))!;
  assert.deepEqual([config["db.password"], config["tasks.max"], passwords], ["hunter2", "2", ["db.password"]]);
  await assert.rejects(put({ ...masked, topic: "[hidden]" }), { code: "INVALID", message: /^topic is/ });
});

test("connectorPut keeps a null that the runner's validation allows", async (context) => {
  const { bus, store } = await setUp(context);
  await bus.request(connectorPut, { name: "c", config: { file: null }, createOnly: true });
  assert.deepEqual((await store.get("c"))?.config, { name: "c", file: null });
});
