import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { openPostgres } from "@millrace/postgres";
import { systemClock } from "@millrace/time";
import { usage } from "../../libs/cli/commands.ts";
import { startChild } from "./child.ts";
import { type Cluster, offsetsTopic, startCluster } from "./cluster.ts";
import { type Answer, answer, call, type Request, untilGone, untilInState } from "./rest.ts";
import { bun, deno, node, type Runtime } from "./runtimes.ts";
import { openTopic, type Topic } from "./topic.ts";

const bootstrapServers = given("KAFKA_BOOTSTRAP_SERVERS");
const adminUrl = given("DATABASE_URL");
const natsUrl = given("NATS_URL");

/** Under Deno these get no right but to read files: they must load without environment, network, system or processes. */
const libraries = [
  "libs/bus/mod.ts",
  "libs/connect/mod.ts",
  "libs/converters/mod.ts",
  "libs/kafka/mod.ts",
  "libs/postgres/mod.ts",
  "libs/protocol/mod.ts",
  "libs/time/mod.ts",
];
const services = [
  "libs/service/mod.ts",
  "services/config/mod.ts",
  "services/gateway/mod.ts",
  "services/scheduler/mod.ts",
];

const run = `runtimes_${process.pid}`;
const database = `millrace_${run}`;
const databaseUrl = Object.assign(new URL(adminUrl), { pathname: `/${database}` }).href;
const folder = mkdtempSync(join(tmpdir(), "millrace-runtimes-"));
const client = librdkafkaClient({ clock: systemClock });

before(() => onServer((sql) => sql`create database ${sql(database)}`));
after(async () => {
  await onServer((sql) => sql`drop database ${sql(database)} with (force)`);
  rmSync(folder, { recursive: true, force: true });
});

for (const runtime of [deno, bun]) {
  test(`${runtime.name}: libraries load, and export what they do under Node`, async () => {
    assert.deepEqual(await exportedNames(runtime, runtime.libraryArgs, libraries), await exportedNamesHere(libraries));
  });

  test(`${runtime.name}: services load, and export what they do under Node`, async () => {
    assert.deepEqual(await exportedNames(runtime, runtime.serviceArgs, services), await exportedNamesHere(services));
  });

  test(`${runtime.name}: the command line says what it says under Node`, async () => {
    const printed = await printedBy(runtime, runtime.serviceArgs, ["libs/cli/main.ts", "help"]);
    assert.equal(printed.trimEnd(), usage().trimEnd());
  });
}

for (const runtime of [node, deno, bun]) {
  suite(`${runtime.name}: gateway, config and scheduler with a runner under Node`, () => clusterTests(runtime));
}

function clusterTests(runtime: Runtime): void {
  const groupId = `${run}_${runtime.name.toLowerCase()}`;
  const connector = "lines";
  const file = join(folder, `${runtime.name}.txt`);
  const lines: string[] = [];
  let cluster: Cluster;
  let topic: Topic;
  let closeTopic = async () => {};

  before(async () => {
    const admin = await client.admin({ "bootstrap.servers": bootstrapServers });
    const topicName = `${groupId}_lines`;
    closeTopic = async () => {
      for (const each of [topicName, offsetsTopic(groupId)]) await admin.deleteTopic(each).catch(() => {});
      await admin.close();
    };
    await admin.createTopic({ topic: topicName, partitions: 1, replicationFactor: 1, configs: {} });
    topic = openTopic({ client, admin, bootstrapServers, topic: topicName });
    writeFileSync(file, "");
    cluster = await startCluster(runtime, groupId, { bootstrapServers, databaseUrl, natsUrl });
  });
  after(async () => {
    await cluster?.stop();
    await closeTopic();
  });

  function appendLines(count: number): void {
    const added = Array.from({ length: count }, (_, i) => `line ${lines.length + i + 1}`);
    lines.push(...added);
    appendFileSync(file, `${added.join("\n")}\n`);
  }

  const path = `/connectors/${connector}`;
  const rest = (expected: number, method: string, where: string, body?: object) =>
    call(cluster.gateway, expected, { method, path: where, ...(body ? { body: JSON.stringify(body) } : {}) });
  const offsets = () => rest(200, "GET", `${path}/offsets`);
  const readTo = (position: number) => ({ offsets: [{ partition: { filename: file }, offset: { position } }] });

  test("a connector made through REST moves a file's lines exactly once, with their offset", async () => {
    appendLines(1_000);
    const config = {
      "connector.class": "FileStreamSource",
      "tasks.max": "1",
      file,
      topic: `${groupId}_lines`,
      "batch.size": "100",
    };
    await rest(201, "POST", "/connectors", { name: connector, config });
    await untilInState(cluster.gateway, connector, "RUNNING");
    assert.deepEqual(await topic.values(lines.length), lines);
    assert.deepEqual(await offsets(), readTo(statSync(file).size));
  });

  if (runtime !== node) {
    test("the gateway answers every request as one under Node does", async () => {
      // The cluster id is null until a runner has answered each gateway, which may be at another moment for each.
      for (const gateway of [cluster.gateway, cluster.nodeGateway]) {
        for (let tries = 0; tries < 100; tries++) {
          if ((await answer(gateway, { method: "GET", path: "/" })).body.includes('"kafka_cluster_id":"')) break;
        }
      }
      for (const request of requests(connector)) {
        const own = await answer(cluster.gateway, request);
        const expected = await answer(cluster.nodeGateway, request);
        assert.deepEqual(comparable(own), comparable(expected), `${request.method} ${request.path}`);
      }
    });
  }

  test("a paused connector moves nothing, and goes on where it was when resumed", async () => {
    await rest(202, "PUT", `${path}/pause`);
    await untilInState(cluster.gateway, connector, "PAUSED");
    const [end, size] = [await topic.end(), statSync(file).size];
    appendLines(500);
    assert.deepEqual(await topic.allValues(), lines.slice(0, 1_000));
    assert.deepEqual(await offsets(), readTo(size));
    assert.equal(await topic.end(), end);
    await rest(202, "PUT", `${path}/resume`);
    await untilInState(cluster.gateway, connector, "RUNNING");
    assert.deepEqual(await topic.values(lines.length), lines);
    assert.deepEqual(await offsets(), readTo(statSync(file).size));
  });

  test("a deleted connector is gone, and its topic holds every line once", async () => {
    await rest(204, "DELETE", path);
    await untilGone(cluster.gateway, connector);
    assert.deepEqual(await rest(200, "GET", "/connectors"), []);
    assert.deepEqual(await topic.allValues(), lines);
  });

  test("every process ends with code 0 after a SIGTERM", async () => {
    const endings = await cluster.stop();
    const failed = Object.entries(endings).filter(([, ending]) => ending !== 0);
    assert.deepEqual(failed, [], cluster.output());
  });
}

/** One of each kind of answer: state, errors of every layer, refusals without a body. */
function requests(connector: string): Request[] {
  const path = `/connectors/${connector}`;
  const json = (method: string, where: string, body: unknown) => ({ method, path: where, body: JSON.stringify(body) });
  const get = (where: string) => ({ method: "GET", path: where });
  return [
    ...["/", "/health", "/connectors", "/connectors?expand=info&expand=status", "/connector-plugins"].map(get),
    ...["", "/config", "/status", "/tasks", "/tasks/0/status", "/offsets", "/topics"].map((end) => get(path + end)),
    ...["/connectors/none", "/connectors/none/status", "/nowhere", "/connectors/a%2Fb%20%C3%BC"].map(get),
    ...["/connectors/%2e%2e/x", "/connectors/%ff"].map(get),
    { method: "OPTIONS", path },
    { method: "HEAD", path: "/connectors" },
    { method: "DELETE", path: "/" },
    { method: "DELETE", path: "/connectors/none" },
    { method: "PUT", path: "/connectors/none/pause" },
    json("PUT", "/connector-plugins/FileStreamSource/config/validate", { "connector.class": "FileStreamSource" }),
    json("POST", "/connectors", { name: connector, config: { "connector.class": "FileStreamSource", topic: "t" } }),
    json("POST", "/connectors", { name: "bad", config: { "connector.class": "FileStreamSource" } }),
    json("POST", "/connectors", { name: "bad", config: { "connector.class": "NoSuchConnector" } }),
    json("PUT", "/connectors/ü ber/config", "text"),
    json("POST", "/connectors", { name: "large", config: { padding: "x".repeat(2 * 1024 * 1024) } }),
    { method: "POST", path: "/connectors", body: "{" },
    { method: "POST", path: "/connectors", body: "" },
    { method: "POST", path: "/connectors", body: "name=a", contentType: "text/plain" },
  ];
}

/** Without what belongs to the moment and the connection, and without where JSON goes wrong: only V8 tells that. */
function comparable({ status, headers, body }: Answer): Answer {
  const { date: _date, connection: _connection, "keep-alive": _keepAlive, ...kept } = headers;
  const told = body.replace(/: it goes wrong at character \d+/, "");
  const length = told === body ? {} : { "content-length": String(Buffer.byteLength(told)) };
  return { status, headers: { ...kept, ...length }, body: told };
}

type ExportedNames = Record<string, string[]>;

async function exportedNames(
  runtime: Runtime,
  runtimeArgs: readonly string[],
  files: readonly string[],
): Promise<ExportedNames> {
  return JSON.parse(await printedBy(runtime, runtimeArgs, ["test/runtimes/exported-names.ts", ...files]));
}

async function exportedNamesHere(files: readonly string[]): Promise<ExportedNames> {
  const modules = files.map(async (file) => [file, Object.keys(await import(`../../${file}`)).sort()] as const);
  return Object.fromEntries(await Promise.all(modules));
}

async function printedBy(runtime: Runtime, runtimeArgs: readonly string[], args: readonly string[]): Promise<string> {
  const name = `${args[0]} under ${runtime.name}`;
  const child = startChild({ name, command: runtime.command(), args: [...runtimeArgs, ...args], env: process.env });
  assert.equal(await child.ended, 0, child.output());
  return child.output();
}

async function onServer(
  act: (sql: Awaited<ReturnType<typeof openPostgres>>["sql"]) => Promise<unknown>,
): Promise<void> {
  const postgres = await openPostgres(adminUrl, { maxConnections: 1, applicationName: "millrace-runtimes-test" });
  await act(postgres.sql);
  await postgres.close();
}

function given(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: these tests need real servers; npm test starts them, or name your own`);
  return value;
}
