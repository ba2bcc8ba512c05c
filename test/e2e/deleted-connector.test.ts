import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { freePort } from "../../deploy/dev/probe.mjs";
import { RestClient } from "../../deploy/prove/rest-client.ts";
import { type Service, startService } from "../../deploy/prove/service-process.ts";
import { until } from "../../deploy/prove/until.ts";
import { sharedServer } from "./standalone-fixture.ts";

const run = `deleted_${process.pid}`;
const dir = mkdtempSync(join(tmpdir(), "millrace-deleted-"));
const admin = postgres(sharedServer("DATABASE_URL"), { max: 1, onnotice: () => {} });
const address = new URL(sharedServer("DATABASE_URL"));
const database = new URL(`/${run}`, address).href;
const services = new Map<string, Service>();
let rest: RestClient;
let sql: postgres.Sql;

after(async () => {
  for (const service of [...services.values()].reverse()) await service.stop();
  await sql?.end();
  await admin`select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = ${run} and not active`;
  await admin.unsafe(`drop database ${run} with (force)`);
  await admin.end();
  rmSync(dir, { recursive: true, force: true });
});

before(async () => {
  mkdirSync(join(dir, "logs"));
  await refresh(() => {});
  await admin.unsafe(`create database ${run}`);
  sql = postgres(database, { max: 1 });
  await sql`create table t (id int primary key)`;
  await sql`insert into t values (1)`;
  const port = await freePort();
  rest = new RestClient(`http://127.0.0.1:${port}`);
  for (const command of ["config", "scheduler", "runner", "gateway"]) {
    const settings = {
      "group.id": run,
      "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"),
      "millrace.nats.url": sharedServer("NATS_URL"),
      "millrace.database.url": database,
      ...{ "config.storage.topic": `${run}-configs`, "status.storage.topic": `${run}-status` },
      ...{ "offset.storage.topic": `${run}-offsets`, "offset.storage.replication.factor": "1" },
      ...{ "key.converter": "org.apache.kafka.connect.json.JsonConverter" },
      ...{ "value.converter": "org.apache.kafka.connect.json.JsonConverter" },
      listeners: `http://127.0.0.1:${command === "gateway" ? port : await freePort()}`,
    };
    const env = { MILLRACE_SECRET_CDC_USER: decodeURIComponent(address.username) };
    services.set(command, await startService({ name: command, command, settings, dir: join(dir, "logs"), env }));
  }
});

async function capture(name: string, dropOnDelete: boolean): Promise<void> {
  const config = {
    "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "database.hostname": address.hostname,
    "database.port": address.port,
    "database.user": "$" + "{secrets:cdc:user}",
    "database.password": decodeURIComponent(address.password),
    "database.dbname": run,
    "plugin.name": "pgoutput",
    "topic.prefix": `${run}_${name}`,
    "slot.name": `${run}_${name}`,
    "publication.name": `${run}_${name}`,
    "publication.autocreate.mode": "filtered",
    "table.include.list": "public.t",
    "millrace.slot.drop.on.delete": String(dropOnDelete),
  };
  const { status, text } = await rest.insist("PUT", `/connectors/${name}/config`, config);
  assert.equal(status, 201, text);
  await until(`${name} runs`, () => rest.isIn("RUNNING", name, 1)).catch(async (error) => {
    throw new Error(`${error.message}: ${JSON.stringify(await rest.status(name))}`);
  });
  await until(`${name} has its slot`, () => hasSlot(name));
}

async function hasSlot(name: string): Promise<boolean> {
  return (await sql`select from pg_replication_slots where slot_name = ${`${run}_${name}`}`).length === 1;
}

const logOf = (service: string) => readFileSync(services.get(service)!.logFile, "utf8");

test("the slot of a deleted connector is dropped where it says so; its publication, and another's slot, stay", async () => {
  await capture("dropped", true);
  await capture("kept", false);
  for (const name of ["dropped", "kept"]) {
    assert.equal((await rest.ask("DELETE", `/connectors/${name}`)).status, 204);
  }
  await until("the slot is gone", async () => !(await hasSlot("dropped")), 30_000);
  assert.equal(await hasSlot("kept"), true);
  assert.equal((await sql`select from pg_publication where pubname = ${`${run}_dropped`}`).length, 1);
  const cleaned = /"connector":"kept".*"msg":"Cleaned up after a deleted connector"/;
  await until("both are forgotten", () => cleaned.test(logOf("config")), 30_000);
  assert.match(logOf("runner"), /Replication slot dropped\./);
  assert.equal((await rest.ask("GET", "/connectors")).text, "[]");
});

test("the slot is dropped later when no runner was there, and the config service was killed meanwhile", {
  timeout: 180_000,
}, async () => {
  await capture("later", true);
  await services.get("runner")!.kill("SIGKILL");
  assert.equal((await rest.ask("DELETE", "/connectors/later")).status, 204);
  await services.get("config")!.kill("SIGKILL");
  assert.equal(await hasSlot("later"), true);
  await services.get("config")!.restart();
  await services.get("runner")!.restart();
  await until("the slot is gone", async () => !(await hasSlot("later")), 120_000);
});
