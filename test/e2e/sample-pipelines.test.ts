import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "../../deploy/prove/until.ts";
import { SampleFixture, sample, textOf } from "./sample-fixture.ts";

const TABLES = `
  create table orders (id bigserial primary key, status text not null, total numeric(10,2), note text);
  create table customers (id bigserial primary key, name text not null);
  create table products (id bigserial primary key, title text not null);
  create table users (id bigserial primary key, email text, ssn text, name text);
`;

const pipelines = new SampleFixture("samples");
const { run } = pipelines;
const topic = (table: string) => `${run}-postgres-${table}`;

/** The sample with this run's hosts and names of topics. */
function jdbcSource(name: "jdbc-source" | "jdbc-source-masking"): Record<string, string> {
  const url = `${pipelines.jdbcUrl()}${name === "jdbc-source" ? "" : `?user=${pipelines.database.username}`}`;
  return { ...sample(name), "connection.url": url, "topic.prefix": `${run}-postgres-` };
}

const elasticsearchSink = () => ({
  ...sample("elasticsearch-sink"),
  topics: `${topic("orders")},${topic("customers")}`,
  "connection.url": pipelines.elasticsearch,
  "errors.deadletterqueue.topic.name": `${run}-dlq-elasticsearch`,
  // The cluster of these tests has one broker; Kafka Connect's default is three.
  "errors.deadletterqueue.topic.replication.factor": "1",
});

before(() => pipelines.start(TABLES));
after(() => pipelines.close());

test("JDBC source to Elasticsearch: rows without a key are in the dead letter queue, and both run on", async () => {
  await pipelines.sql`insert into orders (status, total) values ('new', 10.50), ('paid', 7)`;
  await pipelines.runs(`${run}-source`, jdbcSource("jdbc-source"));
  await pipelines.runs(`${run}-sink`, elasticsearchSink());
  const dlq = `${run}-dlq-elasticsearch`;
  await until("both rows are in the queue", async () => (await pipelines.letters(dlq)).length === 2);
  for (const letter of await pipelines.letters(dlq)) {
    assert.equal(letter.message, "Key is used as document id and can not be null.");
    assert.equal(letter.connector, `${run}-sink`);
  }
  assert.ok(await pipelines.rest.isIn("RUNNING", `${run}-sink`, 2));
});

test("JDBC source to Elasticsearch, keyed by two transforms: documents, mappings, refused ones in the queue", async () => {
  const dlq = `${run}-dlq-elasticsearch`;
  const letters = (await pipelines.letters(dlq)).length;
  // What Confluent's documentation adds to a JDBC source for keys.
  await pipelines.runs(`${run}-source`, {
    ...jdbcSource("jdbc-source"),
    transforms: "createKey,extractId",
    "transforms.createKey.type": "org.apache.kafka.connect.transforms.ValueToKey",
    "transforms.createKey.fields": "id",
    "transforms.extractId.type": "org.apache.kafka.connect.transforms.ExtractField$Key",
    "transforms.extractId.field": "id",
  });
  const mapping = { mappings: { properties: { name: { type: "integer" } } } };
  await fetch(`${pipelines.elasticsearch}/${topic("customers")}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(mapping),
  });
  await pipelines.sql`insert into orders (status, total, note) select 'new', g * 1.25, 'n' || g from generate_series(1, 200) g`;
  await pipelines.sql`insert into customers (name) values ('17'), ('Ada'), ('42')`;
  const found = async (table: string, count: number) =>
    until(`${count} documents of ${table}`, async () => {
      return Object.keys(await pipelines.documents(topic(table))).length === count;
    });
  await found("orders", 200);
  const orders = await pipelines.documents(topic("orders"));
  assert.deepEqual(orders["3"], { id: 3, status: "new", total: 1.25, note: "n1" });
  await found("customers", 2);
  assert.deepEqual(await pipelines.documents(topic("customers")), {
    1: { id: 1, name: "17" },
    3: { id: 3, name: "42" },
  });
  await until("Ada is in the queue", async () => (await pipelines.letters(dlq)).length === letters + 1);
  const ada = (await pipelines.letters(dlq)).at(-1)!;
  assert.match(ada.message ?? "", /^Indexing failed: document_parsing_exception: .*\[name\] of type \[integer\]/);
  assert.equal(JSON.parse(ada.value!).payload.name, "Ada");
  assert.ok(await pipelines.rest.isIn("RUNNING", `${run}-sink`, 2));
  const answer = await fetch(`${pipelines.elasticsearch}/${topic("orders")}/_mapping`);
  const { [topic("orders")]: index } = (await answer.json()) as Record<string, { mappings: { properties: object } }>;
  const text = { type: "text", fields: { keyword: { type: "keyword", ignore_above: 256 } } };
  assert.deepEqual(index?.mappings.properties, {
    id: { type: "long" },
    status: text,
    total: { type: "double" },
    note: text,
  });
});

test("masking hides columns before they are in Kafka", async () => {
  await pipelines.sql`insert into users (email, ssn, name) values ('ada@example.org', '078-05-1120', 'Ada')`;
  await pipelines.runs(`${run}-masking`, jdbcSource("jdbc-source-masking"));
  await until("the row arrives", async () => (await pipelines.records(topic("users"))).length === 1);
  const [record] = await pipelines.records(topic("users"));
  const value = textOf(record!.value)!;
  const { payload } = JSON.parse(value) as { payload: object };
  assert.deepEqual(payload, { id: 1, email: "****@****.com", ssn: "***-**-****", name: "Ada" });
  assert.doesNotMatch(value, /ada@|078/);
});

test("a topic into a table that the JDBC sink makes, by key", async () => {
  const target = `${run}_target`;
  await pipelines.sql`create schema ${pipelines.sql(target)}`;
  const orders = `${run}-keyed-orders`;
  await pipelines.runs(
    `${run}-keyed`,
    {
      ...jdbcSource("jdbc-source"),
      "tasks.max": "1",
      "table.whitelist": "orders",
      "topic.prefix": `${run}-keyed-`,
      transforms: "createKey",
      "transforms.createKey.type": "org.apache.kafka.connect.transforms.ValueToKey",
      "transforms.createKey.fields": "id",
    },
    1,
  );
  const { "connection.password": _secret, ...config } = sample("jdbc-sink");
  await pipelines.runs(`${run}-jdbc-sink`, {
    ...config,
    topics: orders,
    "connection.url": `${pipelines.jdbcUrl()}?currentSchema=${target}`,
    "connection.user": pipelines.database.username,
  });
  const rows = async () => {
    const [{ there }] =
      (await pipelines.sql`select to_regclass(${`${target}."${orders}"`}) is not null there`) as unknown as [
        { there: boolean },
      ];
    return there
      ? pipelines.sql`select id, status, total::float8 total from ${pipelines.sql(`${target}.${orders}`)} order by id`
      : [];
  };
  const expected = await pipelines.sql`select id, status, total::float8 total from orders order by id`;
  await until("every order is in the other table", async () => (await rows()).length === expected.length);
  assert.deepEqual([...(await rows())], [...expected]);
});

test("routing, flattening and a timestamp on the way into Kafka", async () => {
  const [routing, flattening, stamping] = sample<Record<string, string>[]>("transforms") as [
    Record<string, string>,
    Record<string, string>,
    Record<string, string>,
  ];
  await pipelines.sql`create table shapes (id bigserial primary key, payload text)`;
  await pipelines.sql`insert into shapes (payload) values ('round')`;
  const source = (name: string, transforms: Record<string, string>) => ({
    ...jdbcSource("jdbc-source"),
    ...transforms,
    "tasks.max": "1",
    "table.whitelist": "shapes",
    "topic.prefix": `${run}-${name}-`,
  });
  const routed = source("route", routing);
  await pipelines.rest.insist("PUT", `/connectors/${run}-route/config`, routed);
  // In Java too: `$topic` names no group of the pattern. `$0` is what it means.
  const failed = async () =>
    (await pipelines.rest.status(`${run}-route`))?.tasks.find(({ state }) => state === "FAILED");
  await until("the replacement is refused", async () => (await failed()) !== undefined);
  assert.match((await failed())?.trace ?? "", /Illegal group reference/);
  await pipelines.runs(`${run}-route`, { ...routed, "transforms.routeByStatus.replacement": "orders-$0" }, 1);
  await pipelines.runs(`${run}-flatten`, source("flatten", flattening), 1);
  await pipelines.runs(
    `${run}-stamp`,
    source("stamp", {
      ...stamping,
      "transforms.insertTimestamp.type": "org.apache.kafka.connect.transforms.InsertField$Value",
    }),
    1,
  );
  const payload = async (name: string) => {
    const [record] = await pipelines.records(name);
    return record === undefined ? undefined : JSON.parse(textOf(record.value)!).payload;
  };
  const arrives = (name: string) => until(`${name} has a record`, async () => (await payload(name)) !== undefined);
  await arrives(`orders-${run}-route-shapes`);
  await arrives(`${run}-flatten-shapes`);
  assert.equal(await payload(`${run}-flatten-shapes`), "round");
  await arrives(`${run}-stamp-shapes`);
  assert.deepEqual(Object.keys(await payload(`${run}-stamp-shapes`)), ["id", "payload", "processed_at"]);
});

test("settings that no client gets are warned of, with the name that is meant", async () => {
  await pipelines.runs(
    `${run}-tuned`,
    {
      ...jdbcSource("jdbc-source"),
      ...sample("tuning-prefixes"),
      "tasks.max": "1",
      "table.whitelist": "products",
      "topic.prefix": `${run}-tuned-`,
    },
    1,
  );
  const folder = join(pipelines.fixture.dir, "logs");
  const log = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
  for (const name of Object.keys(sample("tuning-prefixes"))) {
    const meant = name.replace(".", ".override.");
    assert.ok(log.includes(`setting '${name}': write '${meant}'`), name);
  }
});
