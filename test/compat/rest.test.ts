import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePort } from "../../deploy/dev/probe.mjs";
import { type Service, startService } from "../../deploy/prove/service-process.ts";
import { StandaloneFixture, sharedServer } from "../e2e/standalone-fixture.ts";

const kit = join(import.meta.dirname, "rest");
const fixture = new StandaloneFixture("rest");
const services: Service[] = [];
after(async () => {
  for (const service of services) await service.stop();
  await fixture.close();
});

/** What the recorded workers had. */
const recorded = {
  "key.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "exactly.once.source.support": "enabled",
  "connector.client.config.override.policy": "All",
};

/** Every recorded scenario; what Connect itself does not mean to do (steps tagged `quirk`) is told in docs/compatibility.md. */
async function check(base: string): Promise<void> {
  const { code, output } = await run([
    join(kit, "rest-conformance.mjs"),
    "check",
    ...["--base", base, "--scenarios", join(kit, "scenarios"), "--golden", join(kit, "golden")],
    ...["--tmp", fixture.dir, "--jobs", "2", "--no-quirks"],
  ]);
  assert.equal(code, 0, output);
  assert.match(output, /^5\d\d passed, 0 failed$/m);
}

function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes));
    child.on("close", (code) => resolve({ code, output }));
  });
}

test("standalone answers every recorded REST request as Kafka Connect 4.3.1 does, twice in a row", {
  timeout: 300_000,
}, async () => {
  const properties = { ...recorded, "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS") };
  const { rest } = await fixture.start({ properties });
  for (let round = 1; round <= 2; round++) await check(rest.url);
});

test("a cluster of two gateways, two runners and two schedulers answers so too, through either gateway", {
  timeout: 300_000,
}, async () => {
  const settings = {
    ...recorded,
    "group.id": fixture.run,
    "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"),
    "millrace.database.url": sharedServer("DATABASE_URL"),
    "millrace.nats.url": sharedServer("NATS_URL"),
    "config.storage.topic": `${fixture.run}-configs`,
    "offset.storage.topic": `${fixture.run}-offsets`,
    "offset.storage.replication.factor": "1",
    "status.storage.topic": `${fixture.run}-status`,
  };
  const start = async (name: string, command: string, own: Record<string, string> = {}) => {
    const dir = join(fixture.dir, "logs");
    services.push(await startService({ name, command, settings: { ...settings, ...own }, dir, throughBin: true }));
  };
  const ports = [await freePort(), await freePort()];
  await start("config", "config");
  for (const n of [1, 2]) {
    await start(`scheduler-${n}`, "scheduler");
    await start(`runner-${n}`, "runner", { "millrace.worker.id": `127.0.0.1:${n}`, "millrace.task.hosts": "1" });
    await start(`gateway-${n}`, "gateway", { listeners: `http://127.0.0.1:${ports[n - 1]}` });
  }
  for (const port of ports) await check(`http://127.0.0.1:${port}`);
});
