import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { systemClock } from "@millrace/time";
import postgres from "postgres";
import { type KafkaServer, startKafka } from "../../deploy/dev/stack.ts";
import { childPids } from "../../deploy/prove/child-pids.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

/** Topics into tables, through a real worker. The broker is this file's own: the config as printed reads a topic named orders. */
const fixture = new StandaloneFixture("jdbc_sink");
const admin = postgres(sharedServer("DATABASE_URL"), { max: 1, onnotice: () => {} });
const database = `jdbc_sink_e2e_${process.pid}`;
const client = librdkafkaClient({ clock: systemClock });
const address = new URL(sharedServer("DATABASE_URL"));
const connection = {
  "connection.url": `jdbc:postgresql://${address.hostname}:${address.port}/${database}`,
  "connection.user": decodeURIComponent(address.username),
  "connection.password": decodeURIComponent(address.password),
};
let kafka: KafkaServer;
let sql: postgres.Sql;

before(async () => {
  kafka = await startKafka({ dir: join(fixture.dir, "kafka") });
  await admin.unsafe(`CREATE DATABASE ${database}`);
  sql = postgres({
    host: address.hostname,
    port: Number(address.port),
    user: connection["connection.user"],
    password: connection["connection.password"],
    database,
    max: 2,
    onnotice: () => {},
  });
});
after(async () => {
  await fixture.close();
  await kafka?.stop();
  await sql?.end();
  await admin.unsafe(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await admin.end();
});

const field = (name: string, type: string, optional = false) => ({ field: name, type, optional });
const enveloped = (fields: readonly object[], payload: object) =>
  Buffer.from(JSON.stringify({ schema: { type: "struct", optional: false, fields }, payload }));
const keyOf = (id: number) => enveloped([field("id", "int64")], { id });

interface Sent {
  readonly key: Buffer;
  readonly value: Buffer;
}

async function produce(topic: string, partitions: number, records: Iterable<Sent>): Promise<void> {
  const config = { "bootstrap.servers": kafka.bootstrapServers };
  const admin = await client.admin(config);
  await admin.createTopic({ topic, partitions, replicationFactor: 1, configs: {} });
  await admin.close();
  // Order counts, and a new topic's leaders make it try again.
  const producer = await client.producer({ ...config, "enable.idempotence": "true" });
  for (const { key, value } of records) {
    while (!producer.send(topic, -1, value, key, 0, null)) await producer.drained(AbortSignal.timeout(10_000));
  }
  await producer.flush(30_000);
  await producer.close();
}

const worker = () => ({
  "bootstrap.servers": kafka.bootstrapServers,
  "key.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "offset.flush.interval.ms": "500",
  "offset.storage.replication.factor": "1",
});

async function isCount(table: string, count: number): Promise<boolean> {
  const [row] = await sql.unsafe(`SELECT COUNT(*)::int AS n FROM ${table}`).catch(() => []);
  return row?.n === count;
}

test("the sink as articles print it creates its table and upserts by the record's key", async (t) => {
  const file = join(import.meta.dirname, "samples/jdbc-sink.json");
  const { name, config } = JSON.parse(readFileSync(file, "utf8"));
  const fields = [field("customer", "string"), field("amount", "double", true)];
  const order = (id: number, customer: string, amount: number | null): Sent => ({
    key: keyOf(id),
    value: enveloped(fields, { customer, amount }),
  });
  const ids = Array.from({ length: 1000 }, (_, i) => i);
  await produce("orders", 3, [
    ...ids.map((id) => order(id, `customer ${id}`, id / 4)),
    ...ids.filter((id) => id % 2 === 0).map((id) => order(id, `changed ${id}`, null)),
  ]);
  const { service, rest } = await fixture.start({ properties: worker() });
  t.after(() => service.stop());
  const created = await rest.ask("POST", "/connectors", { name, config: { ...config, ...connection } });
  assert.equal(created.status, 201, created.text);
  await until("changed rows arrive", async () => {
    const query = "SELECT COUNT(*)::int AS n FROM orders WHERE customer LIKE 'changed%' AND amount IS NULL";
    const [row] = await sql.unsafe(query).catch(() => []);
    return row?.n === 500;
  }).catch(async (error) => {
    throw new Error(`${error.message}\n${JSON.stringify(await rest.status(name))}\n${fixture.logTail(20)}`);
  });
  const rows = await sql`SELECT id::int, customer, amount FROM orders ORDER BY id`;
  assert.deepEqual(
    rows.map(({ id, customer, amount }) => [id, customer, amount]),
    ids.map((id) => (id % 2 === 0 ? [id, `changed ${id}`, null] : [id, `customer ${id}`, id / 4])),
  );
  const columns = await sql`
    SELECT column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_name = 'orders' ORDER BY ordinal_position`;
  assert.deepEqual(
    columns.map((column) => Object.values(column)),
    [
      ["customer", "text", "NO"],
      ["amount", "double precision", "YES"],
      ["id", "bigint", "NO"],
    ],
  );
});

test("exactly once: while task hosts are killed with kill -9, every record is inserted once", async () => {
  const topic = "payments";
  const count = 100_000;
  const fields = [field("n", "int32"), field("note", "string")];
  const records = function* (): Generator<Sent> {
    for (let n = 0; n < count; n++)
      yield { key: keyOf(n % 997), value: enveloped(fields, { n, note: `payment ${n}` }) };
  };
  await produce(topic, 4, records());
  const { service, rest } = await fixture.start({ properties: worker() });
  const config = {
    "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
    "tasks.max": "2",
    topics: topic,
    ...connection,
    "auto.create": "true",
    "insert.mode": "insert",
    "pk.mode": "none",
    "millrace.delivery": "exactly-once",
    "consumer.override.session.timeout.ms": "6000",
    "consumer.override.max.poll.records": "200",
  };
  assert.equal((await rest.insist("PUT", "/connectors/payments/config", config)).status, 201);
  const counted = async () =>
    Number((await sql.unsafe(`SELECT COUNT(*) AS n FROM ${topic}`).catch(() => [{ n: 0 }]))[0]!.n);
  let kills = 0;
  for (const goal of [0.1, 0.3, 0.5, 0.7]) {
    await until(`${goal * 100} % of the rows`, async () => (await counted()) >= goal * count, 90_000);
    for (const pid of childPids(service.pid)) {
      process.kill(pid, "SIGKILL");
      kills++;
    }
    await sleep(100);
  }
  assert.ok(kills >= 4, `${kills} task hosts were killed`);
  await until("every row", async () => (await counted()) >= count, 120_000).catch(async (error) => {
    throw new Error(`${error.message}; ${await counted()} rows\n${fixture.logTail(20)}`);
  });
  const [sums] = await sql.unsafe(`SELECT COUNT(*)::int AS rows, COUNT(DISTINCT n)::int AS once FROM ${topic}`);
  assert.deepEqual({ ...sums }, { rows: count, once: count });
  assert.ok(await isCount("millrace_sink_payments", 4));
  await service.stop();
});
