import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, isRetriable } from "@millrace/connect";
import { connectionProblems } from "./connection-problems.ts";
import { type Fault, FlakyProxy, type ProxiedRequest } from "./testing/flaky-proxy.ts";
import { documents, elasticsearchUrl, ownTopic, record, remove, TestTask } from "./testing/sink-fixture.ts";

const SCHEMALESS = { "schema.ignore": "true", "retry.backoff.ms": "1" };
const isBulk = ({ path }: ProxiedRequest) => path.startsWith("/_bulk");
const updates = (topic: string, count: number) =>
  Array.from({ length: count }, (_, n) => record(topic, n, { key: `k${n % 10}`, value: { n } }));
const newest = (count: number) =>
  Object.fromEntries(Array.from({ length: 10 }, (_, k) => [`k${k}`, { n: count - 10 + k }]));

test("repeats what is refused for load, and what is cut before or after it was done", async (t) => {
  const topic = ownTopic();
  const faults: readonly Fault[] = ["cut", 429, "cut after", 503, undefined, "cut after", undefined, 500];
  const proxy = await FlakyProxy.open(elasticsearchUrl(), (_, number) => faults[number % faults.length]);
  t.after(() => proxy.close());
  t.after(() => remove(topic));
  const task = await TestTask.start({
    ...SCHEMALESS,
    "connection.url": proxy.url,
    "batch.size": "40",
    "max.retries": "20",
    "behavior.on.null.values": "delete",
  });
  const records = [...updates(topic, 1000), record(topic, 1000, { key: "k0", value: null })];
  for (let from = 0; from < records.length; from += 100) await task.put(records.slice(from, from + 100));
  assert.deepEqual(await task.settled(), [{ topic, partition: 0, offset: 1001 }]);
  const { k0: _deleted, ...expected } = newest(1000);
  assert.deepEqual(await documents(topic), expected);
  assert.deepEqual(task.reports, []);
  assert.ok(proxy.requests.length > 30);
  await task.stop();
});

test("a task that was cut off at any point is taken over by another, and nothing goes back in time", async (t) => {
  const topic = ownTopic();
  t.after(() => remove(topic));
  const records = updates(topic, 600);
  let committed = 0;
  for (let life = 0; committed < records.length; life++) {
    let left = 3 + life * 2;
    // Dies with requests on their way, some of them done and none of them answered.
    const proxy = await FlakyProxy.open(elasticsearchUrl(), (request) =>
      isBulk(request) && left-- <= 0 ? "cut after" : undefined,
    );
    const task = await TestTask.start({
      ...SCHEMALESS,
      "connection.url": proxy.url,
      "batch.size": "20",
      "max.retries": "0",
    });
    try {
      for (let from = committed; from < records.length; from += 60) {
        await task.put(records.slice(from, from + 60));
        const [end] = await task.commit();
        committed = end?.offset ?? committed;
      }
      const [end] = await task.settled();
      committed = end!.offset;
    } catch (error) {
      assert.ok(error instanceof ConnectError);
    }
    const found = (await documents(topic)) as Record<string, { n: number }>;
    for (const { key, offset } of records.slice(0, committed)) {
      assert.ok(found[String(key)]!.n >= offset, "what was committed is there, or something newer");
    }
    await task.stop();
    proxy.close();
    assert.ok(life < 50, "gets on");
  }
  assert.deepEqual(await documents(topic), newest(600));
});

test("fails with an error that may pass while Elasticsearch is away", async () => {
  const away = await FlakyProxy.open(null, () => "cut");
  const task = await TestTask.start({ ...SCHEMALESS, "connection.url": away.url, "max.retries": "2" });
  const failure = await task.put(updates("t", 1)).catch((error: unknown) => error);
  assert.ok(failure instanceof ConnectError);
  assert.match(failure.message, /Failed to check if index t exists after 3 attempts/);
  assert.equal(away.requests.length, 3);
  assert.deepEqual(await task.commit(), []);
  await task.stop();
  away.close();
});

test("goes to the nodes that answer", async (t) => {
  const topic = ownTopic();
  const dead = await FlakyProxy.open(null, () => "cut");
  const alive = await FlakyProxy.open(elasticsearchUrl(), () => undefined);
  t.after(() => remove(topic));
  t.after(() => {
    dead.close();
    alive.close();
  });
  const task = await TestTask.start({
    ...SCHEMALESS,
    "connection.url": `${dead.url},${alive.url},http://127.0.0.1:1`,
    "batch.size": "10",
  });
  assert.deepEqual(await task.write(updates(topic, 200)), [{ topic, partition: 0, offset: 200 }]);
  assert.ok(dead.requests.length <= 4, `the dead node was asked ${dead.requests.length} times`);
});

test("holds records back while the buffer is full, and fails when that takes too long", async () => {
  const slow = await FlakyProxy.open(null, (request) => (isBulk(request) ? 429 : undefined));
  const config = { ...SCHEMALESS, "connection.url": slow.url, "batch.size": "1", "max.in.flight.requests": "1" };
  const task = await TestTask.start({
    ...config,
    "max.buffered.records": "5",
    "flush.timeout.ms": "100",
    "max.retries": "1000000",
    "retry.backoff.ms": "20",
  });
  const failure = await task.put(updates("t", 6)).catch((error: unknown) => error);
  assert.ok(failure instanceof ConnectError);
  assert.match(failure.message, /Could not make space in the internal buffer fast enough/);
  assert.ok(isRetriable(failure.cause));
  await task.stop();
  slow.close();
});

test("ends a put that waits for room when the task is stopped, and commits nothing of it", async () => {
  const slow = await FlakyProxy.open(null, (request) => (isBulk(request) ? 429 : undefined));
  const task = await TestTask.start({
    ...SCHEMALESS,
    "connection.url": slow.url,
    "max.buffered.records": "10000",
    "max.retries": "1000000",
    "retry.backoff.ms": "50",
    "flush.timeout.ms": "600",
  });
  const putting = task.put(updates("t", 20_000));
  task.stopping.abort(new Error("stop"));
  await putting;
  assert.deepEqual(await task.commit(), [{ topic: "t", partition: 0, offset: 0 }]);
  await task.stop();
  slow.close();
});

test("sends credentials, compresses bodies, and goes through a proxy", async (t) => {
  const topic = ownTopic();
  t.after(() => remove(topic));
  // Requests in absolute form, as a proxy gets them.
  const proxy = await FlakyProxy.open("", () => undefined);
  t.after(() => proxy.close());
  const { hostname, port } = new URL(proxy.url);
  const task = await TestTask.start({
    ...SCHEMALESS,
    "proxy.host": hostname,
    "proxy.port": port,
    "proxy.username": "pu",
    "proxy.password": "pp",
    "connection.api.key": "id:key",
    "connection.compression": "true",
  });
  await task.write(updates(topic, 50));
  assert.equal(Object.keys(await documents(topic)).length, 10);
  const bulk = proxy.requests.find(({ method }) => method === "POST")!;
  assert.equal(bulk.path, `${elasticsearchUrl()}/_bulk?filter_path=errors,items.*.status,items.*.error`);
  assert.equal(bulk.headers.authorization, `ApiKey ${Buffer.from("id:key").toString("base64")}`);
  assert.equal(bulk.headers["proxy-authorization"], `Basic ${Buffer.from("pu:pp").toString("base64")}`);
  assert.equal(bulk.headers["content-encoding"], "gzip");
});

test("creates data streams where the server has them", async () => {
  const streams = await FlakyProxy.open(null, ({ method }) => (method === "HEAD" ? 404 : undefined));
  const task = await TestTask.start({
    ...SCHEMALESS,
    "connection.url": streams.url,
    "data.stream.type": "logs",
    "data.stream.dataset": "shop",
    "data.stream.timestamp.field": "none, at",
    "key.ignore": "true",
    "max.retries": "0",
  });
  await task.put([record("Orders", 4, { value: { at: 12 } })]);
  await assert.rejects(task.settled(), /has no items/);
  await task.stop();
  streams.close();
  assert.deepEqual(
    streams.requests.map(({ method, path, body }) => `${method} ${path.replace(/\?.*/, "")} ${body}`),
    [
      "HEAD /logs-shop-orders ",
      "PUT /_data_stream/logs-shop-orders ",
      'POST /_bulk {"create":{"_index":"logs-shop-orders","_id":"Orders+0+4"}}\n{"at":12,"@timestamp":"12"}\n',
    ],
  );
});

test("validation looks at the cluster", async () => {
  const found = async (config: Record<string, string>) =>
    (await connectionProblems({ "connection.url": elasticsearchUrl(), ...config })).map(
      ({ name, message }) => `${name}: ${message}`,
    );
  assert.deepEqual(await found({}), []);
  assert.match(
    (await found({ "connection.url": "http://127.0.0.1:1" })).join(),
    /^connection\.url: Could not connect to Elasticsearch\. Error message: .*ECONNREFUSED/,
  );
  const refusing = await FlakyProxy.open(null, () => 401);
  const user = { "connection.url": refusing.url, "connection.username": "u", "connection.password": "secret" };
  const refused = await found(user);
  refusing.close();
  assert.deepEqual(
    refused.map((text) => text.split(":")[0]),
    ["connection.url", "connection.username", "connection.password"],
  );
  assert.doesNotMatch(refused.join(), /secret/);
  const missing = { "external.resource.usage": "index", "topic.to.external.resource.mapping": "a:no-such-index" };
  assert.deepEqual(await found(missing), [
    "topic.to.external.resource.mapping: index 'no-such-index' does not exist in Elasticsearch",
  ]);
});
