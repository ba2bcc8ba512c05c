import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";
import { FakeCluster } from "@millrace/kafka/fake";
import { WINDOW_DEFAULT } from "@millrace/metrics";
import { VirtualClock } from "@millrace/time";
import { TaskStats } from "../task-stats.ts";
import { createDeadLetterTopic, DeadLetterQueue } from "./dead-letter-queue.ts";
import type { Failure } from "./failure.ts";

const SETTINGS = { topic: "dlq", replicationFactor: 1, contextHeaders: false };
const bytes = (text: string) => new TextEncoder().encode(text);

async function open(overrides: Partial<typeof SETTINGS> = {}) {
  const clock = new VirtualClock();
  const cluster = new FakeCluster({ clock, random: () => 0.5 });
  cluster.createTopic({ topic: "dlq", partitions: 1, replicationFactor: 1, configs: {} });
  const stats = new TaskStats({ clock, window: WINDOW_DEFAULT });
  const errors: string[] = [];
  const cancel = new AbortController();
  const queue = new DeadLetterQueue({
    task: { connector: "c", task: 0 },
    settings: { ...SETTINGS, ...overrides },
    producer: await cluster.client().producer({ "client.id": "dlq-client" }),
    stats,
    hide: (text) => text,
    clock,
    logger: { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) },
    signal: cancel.signal,
  });
  return { clock, cluster, stats, errors, cancel, queue };
}

function failed(offset: number, consumed: Partial<ConsumedRecord> = {}): Failure {
  return {
    stage: "VALUE_CONVERTER",
    executing: "X",
    error: new DataError("bad"),
    consumed: {
      topic: "in",
      partition: 0,
      offset,
      key: bytes("k"),
      value: bytes(`v${offset}`),
      headers: [{ key: "own", value: bytes("h") }],
      timestampMs: 77,
      timestampType: "CreateTime",
      ...consumed,
    },
    polled: null,
  };
}

test("DeadLetterQueue writes key, value, headers and time as they were", async () => {
  const { cluster, queue, stats } = await open();
  await queue.report(failed(1));
  await queue.report(failed(2, { key: null, value: null, headers: [], timestampMs: null }));
  const [first, second] = cluster.log("dlq");
  assert.deepEqual(
    [first?.key, first?.value, first?.headers, first?.timestampMs],
    [bytes("k"), bytes("v1"), [{ key: "own", value: bytes("h") }], 77],
  );
  assert.deepEqual([second?.key, second?.value, second?.headers], [null, null, []]);
  assert.deepEqual([stats.deadLetterRequests, stats.deadLetterFailures], [2, 0]);
});

test("DeadLetterQueue adds the context behind the record's own headers, where it is wanted", async () => {
  const { cluster, queue } = await open({ contextHeaders: true });
  await queue.report(failed(1));
  const headers = cluster.log("dlq")[0]?.headers ?? [];
  assert.deepEqual([headers.length, headers[0]?.key, headers[1]?.key], [11, "own", "__connect.errors.topic"]);
});

test("DeadLetterQueue counts, logs and tells of a record that got lost, and goes on", async () => {
  const { cluster, queue, stats, errors } = await open();
  cluster.faults.failNext("deliver", { when: "before", kind: "invalid", code: "MSG_SIZE_TOO_LARGE" }, "dlq");
  await assert.rejects(queue.report(failed(1)) ?? Promise.resolve(), /injected fault: deliver/);
  await queue.report(failed(2));
  assert.deepEqual([stats.deadLetterRequests, stats.deadLetterFailures, cluster.log("dlq").length], [2, 1, 1]);
  assert.deepEqual(errors, ["Could not produce message to dead letter queue. topic=dlq"]);
});

test("DeadLetterQueue loses only the record that is too large", async () => {
  const { cluster, queue, stats } = await open();
  const large = queue.report(failed(1, { value: new Uint8Array(2_000_000) }));
  const small = queue.report(failed(2));
  await assert.rejects(large ?? Promise.resolve(), /over max.request.size/);
  await small;
  assert.deepEqual([cluster.log("dlq").length, stats.deadLetterFailures], [1, 1]);
});

test("DeadLetterQueue waits where the producer's queue is full, keeps the order, and is empty when closed", async () => {
  const { cluster, queue } = await open();
  cluster.faults.fillQueue(3, "dlq-client");
  for (let offset = 1; offset <= 5; offset++) queue.report(failed(offset));
  await queue.close();
  assert.deepEqual(
    cluster.log("dlq").map(({ value }) => new TextDecoder().decode(value!)),
    ["v1", "v2", "v3", "v4", "v5"],
  );
});

test("DeadLetterQueue waits on where a flush takes longer than its timeout", async () => {
  const { cluster, queue, stats } = await open();
  cluster.faults.failNext("flush", { when: "before", kind: "retriable", code: "_TIMED_OUT" }, "dlq-client");
  await queue.report(failed(1));
  assert.equal(stats.deadLetterFailures, 0);
});

test("DeadLetterQueue asks for patience above a bound", async () => {
  const { clock, cluster, queue } = await open();
  cluster.faults.delayNext("flush", 50, "dlq-client");
  for (let offset = 0; offset < 1_000; offset++) queue.report(failed(offset));
  assert.equal(queue.room(), undefined);
  queue.report(failed(1_000));
  const room = queue.room();
  assert.ok(room instanceof Promise);
  await clock.advance(100);
  await room;
  assert.equal(cluster.log("dlq").length, 1_001);
});

test("DeadLetterQueue cancelled closes at once", async () => {
  const { cluster, queue, cancel } = await open();
  cluster.faults.delayNext("flush", 60_000, "dlq-client");
  queue.report(failed(1));
  const closing = queue.close();
  cancel.abort(new Error("cancelled"));
  await closing;
});

test("DeadLetterQueue closed waits a while for what is on its way, and no longer", async () => {
  const { clock, cluster, queue, stats } = await open();
  cluster.faults.delayNext("flush", 60_000, "dlq-client");
  queue.report(failed(1));
  let closed = false;
  const closing = queue.close().then(() => {
    closed = true;
  });
  await clock.advance(9_000);
  assert.equal(closed, false);
  await clock.advance(2_000);
  await closing;
  await clock.advance(60_000);
  assert.equal(stats.deadLetterRequests, 1);
});

test("createDeadLetterTopic makes a topic of one partition, once", async () => {
  const { cluster } = await open();
  const logged: string[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void logged.push(message) };
  for (let i = 0; i < 2; i++) {
    await createDeadLetterTopic({ kafka: cluster.client(), logger }, {}, { ...SETTINGS, topic: "new" });
  }
  assert.equal(cluster.topics.get("new"), 1);
  assert.deepEqual(logged, ["Topic new doesn't exist. Will attempt to create topic."]);
});

test("createDeadLetterTopic says what Connect says when Kafka refuses; Kafka's own trouble passes through", async () => {
  const { cluster } = await open();
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const create = () => createDeadLetterTopic({ kafka: cluster.client(), logger }, {}, { ...SETTINGS, topic: "new" });
  cluster.faults.failNext("admin", { when: "before", kind: "invalid", code: "INVALID_REPLICATION_FACTOR" }, "create");
  await assert.rejects(create(), /^ConnectError: Could not initialize dead letter queue with topic=new$/);
  cluster.faults.failNext("admin", { when: "before", kind: "retriable" }, "create");
  await assert.rejects(create(), /^KafkaError/);
});
