import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import type { RestClient } from "../../deploy/prove/rest-client.ts";
import type { Service } from "../../deploy/prove/service-process.ts";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const USERNAME = "harbour_clerk_7d1f";
const PASSWORD = "tide-and-anchor-93ac";
const UNKNOWN_USERNAME = "nobody_here_5e0b";
const TABLES = ["orders", "customers", "products"] as const;
const CREATE = `
  create table customers (id bigserial primary key, name text not null);
  create table products (id bigserial primary key, title text not null, price numeric(10,2) not null);
  create table orders (id bigserial primary key, customer bigint not null, total float8 not null, note text);
`;

const fixture = new StandaloneFixture("main_job");
const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const adminUrl = new URL(sharedServer("DATABASE_URL"));
const database = fixture.run;
const offsetsTopic = `${fixture.run}-offsets`;
const admin = postgres(adminUrl.href, { max: 1, onnotice: () => {} });
let sql: postgres.Sql;
let service: Service;
let rest: RestClient;

/** The connector of the quick start, name and prefix apart. */
const connector = (name: string, user = "username") => ({
  "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
  "tasks.max": "3",
  "connection.url": `jdbc:postgresql://${adminUrl.hostname}:${adminUrl.port || 5432}/${database}`,
  "connection.user": `\${secrets:postgres:${user}}`,
  "connection.password": `\${secrets:postgres:password}`,
  "connection.attempts": "1",
  "table.whitelist": TABLES.join(","),
  mode: "incrementing",
  "incrementing.column.name": "id",
  "topic.prefix": `${name}-`,
  "poll.interval.ms": "50",
});

/** As connect-standalone's own sample, plus where Millrace keeps offsets. */
const properties = (support: "enabled" | "disabled") => ({
  "bootstrap.servers": bootstrapServers,
  "key.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter.schemas.enable": "false",
  "offset.storage.file.filename": "/tmp/connect.offsets",
  "offset.flush.interval.ms": "200",
  "offset.storage.topic": offsetsTopic,
  "offset.storage.replication.factor": "1",
  "exactly.once.source.support": support,
  "millrace.secrets.dir": `${fixture.dir}/secrets`,
});

async function start(support: "enabled" | "disabled"): Promise<void> {
  ({ service, rest } = await fixture.start({ properties: properties(support) }));
}

async function insert(perTable: number): Promise<void> {
  await sql`insert into customers (name) select 'customer ' || g from generate_series(1, ${perTable}::int) g`;
  await sql`insert into products (title, price) select 'product ' || g, g / 4.0 from generate_series(1, ${perTable}::int) g`;
  await sql`insert into orders (customer, total, note)
    select g, g * 1.5, case when g % 2 = 0 then 'note ' || g end from generate_series(1, ${perTable}::int) g`;
}

/** Values by topic without its prefix, in order. */
async function records(name: string): Promise<Map<string, Record<string, unknown>[]>> {
  const read = new Map<string, Record<string, unknown>[]>(TABLES.map((table) => [table, []]));
  await readCommitted(
    bootstrapServers,
    TABLES.map((table) => `${name}-${table}`),
    ({ topic, value }) => read.get(topic.slice(name.length + 1))!.push(JSON.parse(Buffer.from(value!).toString())),
  );
  return read;
}

async function expectRecords(name: string, perTable: number): Promise<void> {
  let read = await records(name);
  const enough = async () => {
    read = await records(name);
    return TABLES.every((table) => read.get(table)!.length >= perTable);
  };
  await until(`${perTable} records of every table arrive`, enough);
  for (const table of TABLES) {
    const ids = read.get(table)!.map(({ id }) => id);
    const expected = Array.from({ length: perTable }, (_, i) => i + 1);
    assert.deepEqual(ids, expected, table);
  }
}

const runs = (name: string) => until(`${name} runs`, () => rest.isIn("RUNNING", name, 3));

before(async () => {
  await admin.unsafe(`create database ${database}`);
  await admin.unsafe(`create role ${USERNAME} login password '${PASSWORD}'`);
  sql = postgres({
    host: adminUrl.hostname,
    port: Number(adminUrl.port || 5432),
    user: adminUrl.username,
    database,
    max: 2,
    onnotice: () => {},
  });
  await sql.unsafe(`${CREATE} grant select on all tables in schema public to ${USERNAME};
    grant usage, select on all sequences in schema public to ${USERNAME}`);
  fixture.write("secrets/postgres/username", `${USERNAME}\n`);
  fixture.write("secrets/postgres/unknown", UNKNOWN_USERNAME);
  fixture.write("secrets/postgres/password", PASSWORD);
  await insert(1_000);
});

after(async () => {
  await fixture.close();
  await sql?.end({ timeout: 1 });
  await admin.unsafe(`drop database if exists ${database} with (force)`);
  await admin.unsafe(`drop role if exists ${USERNAME}`);
  await admin.end();
});

describe("a Postgres database into Kafka by standalone, exactly once", () => {
  const name = `${fixture.run}_main`;
  let inserted = 1_000;

  async function insertAndExpect(perTable: number): Promise<void> {
    await insert(perTable);
    inserted += perTable;
    await expectRecords(name, inserted);
  }

  test("the connector's JSON gives three running tasks and every row as a record", async () => {
    await start("enabled");
    const { status, body } = await rest.insist("POST", "/connectors", { name, config: connector(name) });
    assert.equal(status, 201);
    assert.deepEqual((body as { config: unknown }).config, { ...connector(name), name });
    await runs(name);
    await expectRecords(name, inserted);
    const [second] = (await records(name)).get("orders")!.slice(1);
    assert.deepEqual(second, { id: 2, customer: 2, total: 3, note: "note 2" });
  });

  test("offsets are in the offsets topic byte for byte as Kafka Connect writes them, and in the REST API", async () => {
    const latest = new Map<string, string>();
    await readCommitted(bootstrapServers, [offsetsTopic], ({ key, value }) => {
      latest.set(Buffer.from(key!).toString(), Buffer.from(value!).toString());
    });
    const partition = (table: string) => ({ protocol: "1", table: `${database}.public.${table}` });
    for (const table of TABLES) {
      const key = `["${name}",{"protocol":"1","table":"${database}.public.${table}"}]`;
      assert.equal(latest.get(key), `{"incrementing":${inserted}}`, [...latest.keys()].join());
    }
    const { body } = await rest.insist("GET", `/connectors/${name}/offsets`);
    const byTable = (entries: readonly { partition: { table?: unknown } }[]) =>
      [...entries].sort((a, b) => String(a.partition.table).localeCompare(String(b.partition.table)));
    assert.deepEqual(
      byTable((body as { offsets: { partition: { table: string } }[] }).offsets),
      byTable(TABLES.map((table) => ({ partition: partition(table), offset: { incrementing: inserted } }))),
    );
  });

  test("pause holds rows back, resume lets them flow", async () => {
    assert.equal((await rest.ask("PUT", `/connectors/${name}/pause`)).status, 202);
    await until("it is paused", () => rest.isIn("PAUSED", name, 3));
    await insert(10);
    await sleep(500);
    await expectRecords(name, inserted);
    assert.equal((await rest.ask("PUT", `/connectors/${name}/resume`)).status, 202);
    await runs(name);
    inserted += 10;
    await expectRecords(name, inserted);
  });

  test("stop takes the tasks away, resume brings them back where they were", async () => {
    assert.equal((await rest.ask("PUT", `/connectors/${name}/stop`)).status, 204);
    await until("it is stopped", () => rest.isIn("STOPPED", name, 0));
    await insert(10);
    await rest.ask("PUT", `/connectors/${name}/resume`);
    await runs(name);
    inserted += 10;
    await expectRecords(name, inserted);
  });

  test("restart with tasks answers 202 and everything runs again", async () => {
    assert.equal((await rest.ask("POST", `/connectors/${name}/restart?includeTasks=true`)).status, 202);
    await insertAndExpect(10);
    await runs(name);
    assert.equal((await rest.ask("POST", `/connectors/${name}/tasks/1/restart`)).status, 204);
    await runs(name);
  });

  test("standalone goes on from its state after SIGTERM and after SIGKILL", async () => {
    for (const end of [() => service.stop(), () => service.kill()]) {
      await end();
      await insert(10);
      await start("enabled");
      await runs(name);
      inserted += 10;
      await expectRecords(name, inserted);
    }
  });

  test("exactly.once.support=required is accepted for mode incrementing, and refused for bulk", async () => {
    const refused = async (mode: string) => {
      const config = { ...connector(name), name, mode, "exactly.once.support": "required" };
      const path = "/connector-plugins/JdbcSourceConnector/config/validate";
      const { body } = await rest.insist("PUT", path, config);
      const { configs } = body as { configs: { value: { name: string; errors: string[] } }[] };
      return configs.filter(({ value }) => value.errors.length > 0).map(({ value }) => value.name);
    };
    assert.deepEqual(await refused("incrementing"), []);
    assert.deepEqual(await refused("bulk"), ["exactly.once.support"]);
  });

  test("validation and a login that fails show no secret", async () => {
    const plugin = encodeURIComponent("io.confluent.connect.jdbc.JdbcSourceConnector");
    const wrong = `${fixture.run}_wrong`;
    for (const user of ["username", "unknown"]) {
      await rest.ask("PUT", `/connector-plugins/${plugin}/config/validate`, { name: wrong, ...connector(wrong, user) });
    }
    await rest.ask("PUT", `/connectors/${wrong}/config`, connector(wrong, "unknown"));
    await rest.status(wrong);
    assert.deepEqual(fixture.leaks([USERNAME, PASSWORD, UNKNOWN_USERNAME]), []);
    await rest.ask("DELETE", `/connectors/${wrong}`);
  });

  test("a task whose secret has become wrong fails without showing it, and runs again with the right one", async () => {
    fixture.write("secrets/postgres/username", UNKNOWN_USERNAME);
    await rest.ask("POST", `/connectors/${name}/tasks/1/restart`);
    await until("the task has failed", async () => (await rest.status(name))?.tasks[1]?.state === "FAILED");
    assert.match((await rest.status(name))!.tasks[1]!.trace!, /role .* does not exist/);
    assert.deepEqual(fixture.leaks([USERNAME, PASSWORD, UNKNOWN_USERNAME]), []);
    fixture.write("secrets/postgres/username", USERNAME);
    await rest.ask("POST", `/connectors/${name}/restart?includeTasks=true&onlyFailed=true`);
    await runs(name);
    await insertAndExpect(10);
  });

  test("delete removes the connector, and nothing secret was told or kept on the way", async () => {
    assert.equal((await rest.ask("DELETE", `/connectors/${name}`)).status, 204);
    assert.equal((await rest.ask("GET", `/connectors/${name}`)).status, 404);
    await until("its tasks are gone", async () => (await rest.status(name)) === null);
    await expectRecords(name, inserted);
    assert.deepEqual(fixture.leaks([USERNAME, PASSWORD]), []);
    await service.stop();
  });
});

describe("a Postgres database into Kafka by standalone, at least once", () => {
  const name = `${fixture.run}_plain`;

  test("with exactly.once.source.support=disabled every row arrives, and an orderly restart repeats none", async () => {
    const [{ count }] = (await sql`select count(*)::int from orders`) as unknown as [{ count: number }];
    await start("disabled");
    await rest.insist("PUT", `/connectors/${name}/config`, connector(name));
    await runs(name);
    await expectRecords(name, count);
    await service.stop();
    await insert(10);
    await start("disabled");
    await expectRecords(name, count + 10);
  });
});
