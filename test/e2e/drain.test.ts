import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { freePort } from "../../deploy/dev/probe.mjs";
import { RestClient } from "../../deploy/prove/rest-client.ts";
import { type Service, startService } from "../../deploy/prove/service-process.ts";
import { until } from "../../deploy/prove/until.ts";
import { slowness, Ticks } from "./hostile-plugins/ticks.ts";
import { sharedServer } from "./standalone-fixture.ts";

const DRAINED_MS = 2_000;
const UNTOUCHED_MS = 100;
const STRINGS = "org.apache.kafka.connect.storage.StringConverter";

const dir = mkdtempSync(join(tmpdir(), "millrace-drain-"));
const ticks = new Ticks(dir);
const services: Service[] = [];
after(async () => {
  ticks.close();
  for (const service of services.reverse()) await service.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(name: string, own: Readonly<Record<string, string>> = {}): Promise<Service> {
  const group = `drain-${process.pid}`;
  const settings = {
    "group.id": group,
    "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"),
    "millrace.nats.url": sharedServer("NATS_URL"),
    "millrace.database.url": sharedServer("DATABASE_URL"),
    "config.storage.topic": `${group}-configs`,
    "offset.storage.topic": `${group}-offsets`,
    "status.storage.topic": `${group}-status`,
    "offset.storage.replication.factor": "1",
    "key.converter": STRINGS,
    "value.converter": STRINGS,
    "plugin.path": join(dir, "plugins"),
    ...own,
  };
  const service = await startService({ name, command: name.replace(/-\d+$/, ""), settings, dir: join(dir, "logs") });
  services.push(service);
  return service;
}

let leaving: Service;
let rest: RestClient;
const names = Array.from({ length: 6 }, (_, i) => `tick-${i}`);

const config = (name: string): Record<string, string> => ({
  "connector.class": "hostile.Neighbour",
  topic: `drain-${process.pid}`,
  "ticks.file": ticks.file(name),
});

/** Where each runs; null: it does not. */
async function workers(): Promise<(string | null)[]> {
  const statuses = await Promise.all(names.map((name) => rest.status(name)));
  return statuses.map((status) => (status?.tasks[0]?.state === "RUNNING" ? status.tasks[0].worker_id : null));
}

before(async () => {
  mkdirSync(join(dir, "logs"));
  ticks.open();
  await refresh((text: string) => console.error(text));
  const port = await freePort();
  await start("config");
  await start("scheduler");
  await start("gateway", { listeners: `http://127.0.0.1:${port}` });
  leaving = await start("runner-1", { "millrace.worker.id": "one:1", "millrace.task.hosts": "1" });
  await start("runner-2", { "millrace.worker.id": "two:2", "millrace.task.hosts": "1" });
  rest = new RestClient(`http://127.0.0.1:${port}`);
  for (const name of names) await rest.insist("PUT", `/connectors/${name}/config`, config(name));
  await until("all run", async () => (await workers()).every((worker) => worker !== null));
  await until("all are polled", () => names.every((name) => ticks.times(name).length > 50));
});

test("adding, changing, pausing, restarting or deleting a connector interrupts no task of another", async () => {
  const changes: readonly (readonly [what: string, method: string, path: string, body?: unknown])[] = [
    ["add", "PUT", "/connectors/new/config", config("new")],
    ["change", "PUT", "/connectors/new/config", { ...config("new"), other: "1" }],
    ["pause", "PUT", "/connectors/new/pause"],
    ["resume", "PUT", "/connectors/new/resume"],
    ["restart", "POST", "/connectors/new/restart?includeTasks=true"],
    ["stop", "PUT", "/connectors/new/stop"],
    ["delete", "DELETE", "/connectors/new"],
  ];
  for (const [what, method, path, body] of changes) {
    const sinceMs = Date.now();
    await rest.insist(method, path, body);
    // As long as it takes effect, and then some.
    await sleep(1_000);
    for (const name of names) {
      const gapMs = ticks.gapMs(name, sinceMs);
      assert.ok(gapMs < UNTOUCHED_MS * slowness(), `${what}: ${name} was not polled for ${gapMs} ms`);
    }
  }
  assert.ok(ticks.times("new").length > 20, "it has run");
});

test("a runner that gets SIGTERM hands its tasks over within two seconds, and interrupts no others", async () => {
  const places = await workers();
  const moving = names.filter((_, i) => places[i] === "one:1");
  assert.equal(moving.length, 3, "half of them");

  const sinceMs = Date.now();
  const ended = leaving.kill("SIGTERM");
  await until("all run elsewhere", async () => (await workers()).every((worker) => worker === "two:2"));
  const tookMs = Date.now() - sinceMs;
  await ended;
  await until("they are polled", () => moving.every((name) => ticks.times(name).at(-1)! > sinceMs + tookMs));
  const gaps = Object.fromEntries(names.map((name) => [name, ticks.gapMs(name, sinceMs)]));
  const told = `${tookMs} ms, ${JSON.stringify(gaps)}`;
  assert.ok(tookMs < DRAINED_MS * slowness(), told);
  for (const name of names) {
    const allowedMs = moving.includes(name) ? DRAINED_MS : UNTOUCHED_MS;
    assert.ok(gaps[name]! < allowedMs * slowness(), `${name}: ${told}`);
  }
});
