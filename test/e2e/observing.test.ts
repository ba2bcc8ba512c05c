import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { freePort } from "../../deploy/dev/probe.mjs";
import { RestClient } from "../../deploy/prove/rest-client.ts";
import { type Service, startService } from "../../deploy/prove/service-process.ts";
import { until } from "../../deploy/prove/until.ts";
import { sharedServer } from "./standalone-fixture.ts";

const STRINGS = "org.apache.kafka.connect.storage.StringConverter";
const WARNING = "File not found; waiting for it to be created.";
const dir = mkdtempSync(join(tmpdir(), "millrace-observing-"));
const group = `observing-${process.pid}`;
const services = new Map<string, Service>();
const metricsPorts = new Map<string, number>();
let rest: RestClient;

after(async () => {
  for (const service of [...services.values()].reverse()) await service.stop();
  rmSync(dir, { recursive: true, force: true });
});

before(async () => {
  mkdirSync(join(dir, "logs"));
  await refresh(() => {});
  const port = await freePort();
  rest = new RestClient(`http://127.0.0.1:${port}`);
  for (const command of ["config", "scheduler", "runner", "gateway"]) {
    const metricsPort = await freePort();
    const settings = {
      "group.id": group,
      "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"),
      "millrace.nats.url": sharedServer("NATS_URL"),
      "millrace.database.url": sharedServer("DATABASE_URL"),
      ...{ "config.storage.topic": `${group}-configs`, "status.storage.topic": `${group}-status` },
      ...{ "offset.storage.topic": `${group}-offsets`, "offset.storage.replication.factor": "1" },
      ...{ "key.converter": STRINGS, "value.converter": STRINGS },
      ...(command === "gateway"
        ? { listeners: `http://127.0.0.1:${port}` }
        : { "millrace.metrics.listeners": `http://127.0.0.1:${metricsPort}` }),
    };
    services.set(command, await startService({ name: command, command, settings, dir: join(dir, "logs") }));
    if (command !== "gateway") metricsPorts.set(command, metricsPort);
  }
  await create("waiting");
  await until("it waits for its file", async () => warnings().length > 0);
});

async function create(name: string): Promise<void> {
  const config = { "connector.class": "FileStreamSource", file: join(dir, "absent"), topic: `${group}-lines` };
  const { status } = await rest.insist("PUT", `/connectors/${name}/config`, config);
  assert.equal(status, 201);
  await until(`${name} runs`, () => rest.isIn("RUNNING", name, 1));
}

function lines(service: string): Record<string, unknown>[] {
  const text = readFileSync(services.get(service)!.logFile, "utf8");
  return text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}

const warnings = () => lines("runner").filter(({ msg }) => msg === WARNING);
const stored = (name: string) => lines("config").filter(({ msg }) => String(msg).endsWith(`of connector ${name}`));

async function setLevel(logger: string, level: string): Promise<void> {
  const { status } = await rest.ask("PUT", `/admin/loggers/${logger}?scope=cluster`, { level });
  assert.equal(status, 204);
  await sleep(1_500);
}

test("a task's lines in the log say whose they are", () => {
  const { connector, task, generation, name, level } = warnings()[0]!;
  assert.deepEqual([connector, task, generation, name, level], ["waiting", 0, 1, "task-host", "warn"]);
});

test("a level set for the cluster reaches every service and task host, and a logger's own level wins", async () => {
  assert.ok(stored("waiting").length > 0);
  await setLevel("root", "ERROR");
  const before = warnings().length;
  await create("quiet");
  await sleep(2_500);
  assert.equal(warnings().length, before);
  assert.deepEqual(stored("quiet"), []);
  await setLevel("org.apache.kafka.connect.file", "WARN");
  await until("the class is heard again", async () => warnings().length > before);
  assert.deepEqual(stored("quiet"), []);
  await setLevel("root", "INFO");
});

test("schedulers and gateways hear of levels too, all at once or each by its name", async () => {
  const said = (service: string, message: string) => lines(service).filter(({ msg }) => msg === message).length;
  const answers = () => said("gateway", "Answered a REST request");
  const placements = () => said("scheduler", "Stored what runs where");
  const stir = async () => {
    const before = [answers(), placements()] as const;
    assert.equal((await rest.ask("POST", "/connectors/waiting/restart?includeTasks=true")).status, 202);
    await until("it runs again", () => rest.isIn("RUNNING", "waiting", 1));
    await sleep(1_500);
    return [answers() > before[0], placements() > before[1]];
  };
  assert.deepEqual(await stir(), [false, false]);
  await setLevel("root", "DEBUG");
  assert.deepEqual(await stir(), [true, true]);
  assert.equal(lines("scheduler").at(-1)!.level, "debug");
  await setLevel("root", "INFO");
  assert.deepEqual(await stir(), [false, false]);
  await setLevel("scheduler", "DEBUG");
  assert.deepEqual(await stir(), [false, true]);
  const { status, body } = await rest.ask("PUT", "/admin/loggers/gateway", { level: "DEBUG" });
  assert.deepEqual([status, body], [200, ["gateway"]]);
  assert.deepEqual(await stir(), [true, true]);
  await setLevel("root", "INFO");
  assert.deepEqual(await stir(), [false, false]);
});

test("the latest lines of a connector are there over REST, and can be followed", async () => {
  const { body } = await rest.ask("GET", "/millrace/v1/connectors/waiting/logs?lines=5");
  const { lines: tail } = body as { lines: { message: string; level: string; task: number }[] };
  assert.ok(tail.length > 0 && tail.length <= 5);
  const { message, level, task } = tail.at(-1)!;
  assert.deepEqual([message, level, task], [WARNING, "warn", 0]);
  const gone = new AbortController();
  const url = `${rest.url}/millrace/v1/connectors/waiting/logs?follow&lines=1`;
  const response = await fetch(url, { signal: gone.signal });
  let events = 0;
  for await (const piece of response.body!) {
    events += new TextDecoder().decode(piece).split("data: ").length - 1;
    if (events >= 3) break;
  }
  gone.abort();
  assert.equal((await rest.ask("GET", "/millrace/v1/connectors/nobody/logs")).status, 404);
});

test("every service tells what it measures, a runner of its tasks, a gateway of the whole cluster", async () => {
  for (const [service, port] of metricsPorts) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(text, new RegExp(`^process_resident_memory_bytes\\{service="${service}"\\} \\d+$`, "m"));
    if (service === "scheduler") assert.match(text, /^millrace_scheduler_leading 1$/m);
    const tasks = /^kafka_connect_connector_task_status\{connector="waiting",task="0",status="running"\} 1$/m;
    assert.equal(tasks.test(text), service === "runner", service);
  }
  const text = await (await fetch(`${rest.url}/metrics`)).text();
  assert.match(text, /^kafka_connect_connector_task_status\{connector="waiting",task="0",status="running"\} 1$/m);
  assert.match(text, /^millrace_cluster_runners 1$/m);
  assert.match(text, /^millrace_service_info\{service="gateway",version="[\d.]+"\} 1$/m);
});
