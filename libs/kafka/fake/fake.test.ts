import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, VirtualClock } from "@millrace/time";
import { conformanceCases } from "../conformance.ts";
import { isKafkaError } from "../errors.ts";
import { FakeCluster } from "./mod.ts";

for (const { name, run } of conformanceCases) {
  test(`FakeCluster: ${name}`, { timeout: 10_000 }, () => {
    const cluster = new FakeCluster({ clock: systemClock, random: () => 0.5 });
    return run({ client: cluster.client(), config: { "bootstrap.servers": "fake" }, run: "1" });
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function world() {
  const clock = new VirtualClock();
  const cluster = new FakeCluster({ clock, random: () => 0.5 });
  cluster.createTopic({ topic: "t", partitions: 1, replicationFactor: 1, configs: {} });
  const client = cluster.client();
  const producer = await client.transactionalProducer({ "transactional.id": "task", "transaction.timeout.ms": "1000" });
  await producer.initTransactions(1000);
  const write = async (value: string) => {
    await producer.beginTransaction();
    producer.send("t", 0, bytes(value), null, 0, null);
  };
  const committed = () => cluster.log("t").map((record) => new TextDecoder().decode(record.value!));
  return { clock, cluster, client, producer, write, committed };
}

const isKind = (kind: string) => (error: unknown) => isKafkaError(error) && error.kind === kind;

test("Faults fails a commit after it took effect: indefinite, the producer dead, the records there", async () => {
  const { cluster, producer, write, committed } = await world();
  cluster.faults.failNext("commitTransaction", { when: "after", kind: "indefinite" }, "task");
  await write("a");
  await assert.rejects(producer.commitTransaction(1000), isKind("indefinite"));
  assert.deepEqual(committed(), ["a"]);
  await assert.rejects(producer.beginTransaction(), isKind("indefinite"));
  assert.equal(cluster.faults.pending, 0);
});

test("Faults fails a commit before it took effect: the successor's initTransactions aborts it", async () => {
  const { cluster, client, producer, write, committed } = await world();
  cluster.faults.failNext("commitTransaction", { when: "before", kind: "indefinite" });
  await write("a");
  await assert.rejects(producer.commitTransaction(1000), isKind("indefinite"));
  const next = await client.transactionalProducer({ "transactional.id": "task" });
  await next.initTransactions(1000);
  assert.deepEqual(committed(), []);
});

test("Faults fails the delivery of a record: the commit is abortable and the producer goes on", async () => {
  const { cluster, producer, write, committed } = await world();
  cluster.faults.failNext("deliver", { when: "before", kind: "retriable" });
  await write("a");
  await assert.rejects(producer.commitTransaction(1000), isKind("abortable"));
  await producer.abortTransaction(1000);
  await write("b");
  await producer.commitTransaction(1000);
  assert.deepEqual(committed(), ["b"]);
});

test("Faults delays a call by the clock and fills the local queue", async () => {
  const { clock, cluster, producer, write } = await world();
  cluster.faults.delayNext("commitTransaction", 500);
  await write("a");
  let done = false;
  const committing = producer.commitTransaction(1000).then(() => {
    done = true;
  });
  await clock.advance(499);
  assert.equal(done, false);
  await clock.advance(1);
  await committing;
  cluster.faults.fillQueue(2);
  await producer.beginTransaction();
  const sent = [1, 2, 3].map(() => producer.send("t", 0, null, null, 0, null));
  assert.deepEqual(sent, [false, false, true]);
});

test("FakeCluster aborts a transaction that outlives its timeout and fences its producer", async () => {
  const { clock, cluster, producer, write, committed } = await world();
  await write("a");
  await producer.flush(1000);
  await clock.advance(1000);
  assert.equal(cluster.transactions.hasOpen("task"), false);
  await assert.rejects(producer.commitTransaction(1000), isKind("fenced"));
  assert.deepEqual(committed(), []);
});

test("FakeCluster killProducers leaves the transaction open until it is fenced", async () => {
  const { cluster, client, producer, write } = await world();
  await write("a");
  await producer.flush(1000);
  cluster.killProducers("task");
  await assert.rejects(producer.commitTransaction(1000), isKind("fatal"));
  assert.equal(cluster.transactions.hasOpen("task"), true);
  assert.equal(cluster.log("t", { isolation: "read_uncommitted" }).length, 1);
  await (await client.transactionalProducer({ "transactional.id": "task" })).initTransactions(1000);
  assert.equal(cluster.transactions.hasOpen("task"), false);
});

test("FakeCluster expelMembers refuses commits as fenced and tells lost at the next poll", async () => {
  const { cluster, client } = await world();
  const events: string[] = [];
  const consumer = await client.consumer({ "group.id": "g" });
  await consumer.subscribe(["t"], {
    assigned: async () => void events.push("assigned"),
    revoked: async () => void events.push("revoked"),
    lost: async () => void events.push("lost"),
  });
  await consumer.poll(1, 0);
  cluster.expelMembers("g");
  await assert.rejects(consumer.commit([{ topic: "t", partition: 0, offset: 1 }]), isKind("fenced"));
  await consumer.poll(1, 0);
  assert.deepEqual(events, ["assigned", "lost", "assigned"]);
});
