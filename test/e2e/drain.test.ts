import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
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

test("a runner that gets SIGTERM hands its tasks over within two seconds, and interrupts no others", async () => {
  mkdirSync(join(dir, "logs"));
  ticks.open();
  await refresh((text: string) => console.error(text));
  const port = await freePort();
  await start("config");
  await start("scheduler");
  await start("gateway", { listeners: `http://127.0.0.1:${port}` });
  const [leaving] = [
    await start("runner-1", { "millrace.worker.id": "one:1", "millrace.task.hosts": "1" }),
    await start("runner-2", { "millrace.worker.id": "two:2", "millrace.task.hosts": "1" }),
  ];
  const rest = new RestClient(`http://127.0.0.1:${port}`);
  const names = Array.from({ length: 6 }, (_, i) => `tick-${i}`);
  for (const name of names) {
    const config = {
      "connector.class": "hostile.Neighbour",
      topic: `drain-${process.pid}`,
      "ticks.file": ticks.file(name),
    };
    await rest.insist("PUT", `/connectors/${name}/config`, config);
  }
  const workers = async () => {
    const statuses = await Promise.all(names.map((name) => rest.status(name)));
    return statuses.map((status) => (status?.tasks[0]?.state === "RUNNING" ? status.tasks[0].worker_id : null));
  };
  await until("all run", async () => (await workers()).every((worker) => worker !== null));
  const before = await workers();
  const moving = names.filter((_, i) => before[i] === "one:1");
  assert.equal(moving.length, 3, "half of them");
  await until("all are polled", () => names.every((name) => ticks.times(name).length > 50));

  const sinceMs = Date.now();
  const ended = leaving!.kill("SIGTERM");
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
