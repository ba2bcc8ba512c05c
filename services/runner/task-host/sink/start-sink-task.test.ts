import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientConfig } from "@millrace/kafka";
import { openSinkFixture, sinkWork } from "../../testing/sink-fixture.ts";
import { RunningTask } from "../running-task.ts";

/** A sink, and the settings of every client it made. */
function open(config: Readonly<Record<string, string>>, properties: Readonly<Record<string, string>> = {}) {
  const fixture = openSinkFixture({}, { worker: properties });
  const clients: ClientConfig[] = [];
  const { kafka } = fixture.env;
  const env = {
    ...fixture.env,
    kafka: {
      ...kafka,
      consumer: (given: ClientConfig) => {
        clients.push(given);
        return kafka.consumer(given);
      },
      producer: (given: ClientConfig) => {
        clients.push(given);
        return kafka.producer(given);
      },
    },
  };
  return { ...fixture, clients, task: new RunningTask(env, sinkWork({ config: { ...config } }), fixture.link) };
}

test("a sink puts no more records at once than max.poll.records", async () => {
  const fixture = open({ "consumer.override.max.poll.records": "2" });
  await fixture.write(["1", "2", "3", "4", "5"]);
  await fixture.until("all are put", () => fixture.values.length === 5);
  assert.deepEqual(
    fixture.calls.filter((call) => call.startsWith("put")),
    ["put 1,2", "put 3,4", "put 5"],
  );
  await fixture.stop(fixture.task);
});

test("a sink's clients have Connect's names and defaults, then the worker's settings, then the connector's", async () => {
  const dlq = { "errors.deadletterqueue.topic.name": "dlq", "errors.deadletterqueue.topic.replication.factor": "1" };
  const overrides = { "producer.override.linger.ms": "5", "consumer.override.group.id": "mine" };
  const fixture = open({ ...dlq, ...overrides }, { "producer.linger.ms": "1", "consumer.fetch.min.bytes": "7" });
  await fixture.until("it runs", () => fixture.reports.at(-1)?.state === "RUNNING");
  assert.deepEqual(fixture.clients, [
    {
      "bootstrap.servers": "fake:9092",
      "client.id": "connector-dlq-producer-c-0",
      acks: "all",
      "delivery.timeout.ms": "2147483647",
      "enable.idempotence": "false",
      "max.in.flight.requests.per.connection": "1",
      "linger.ms": "5",
    },
    {
      "bootstrap.servers": "fake:9092",
      "client.id": "connector-consumer-c-0",
      "group.id": "mine",
      "auto.offset.reset": "earliest",
      "fetch.min.bytes": "7",
      "enable.auto.commit": "false",
    },
  ]);
  await fixture.stop(fixture.task);
});
