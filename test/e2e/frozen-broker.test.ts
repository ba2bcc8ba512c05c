import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { systemClock } from "@millrace/time";
import { startKafka } from "../../deploy/dev/start-kafka.ts";

const SESSION_MS = 1_500;

const dir = mkdtempSync(join(tmpdir(), "millrace-frozen-broker-"));
const kafka = await startKafka({ dir, settings: { "broker.session.timeout.ms": String(SESSION_MS) } });
after(async () => {
  await kafka.stop();
  rmSync(dir, { recursive: true, force: true });
});

// A broker that stood still for longer than its session leads in new epochs; librdkafka's admin client kept to the old ones for minutes.
test("The ends of a topic can be asked for after its broker has stood still past its session", async () => {
  const client = librdkafkaClient({ clock: systemClock });
  const bootstrap = { "bootstrap.servers": kafka.bootstrapServers };
  const admin = await client.admin(bootstrap);
  await admin.createTopic({ topic: "t", partitions: 1, replicationFactor: 1, configs: {} });
  const end = async () => (await admin.endOffsets([{ topic: "t", partition: 0 }], "read_committed"))[0]?.offset;
  assert.equal(await end(), 0);
  for (let frozen = 1; frozen <= 2; frozen++) {
    await kafka.kill("SIGSTOP");
    await sleep(2 * SESSION_MS);
    await kafka.kill("SIGCONT");
    // Until it has been fenced for its silence, and let in again.
    await sleep(2 * SESSION_MS);
    const producer = await client.producer({ ...bootstrap, acks: "all" });
    producer.send("t", 0, new Uint8Array([frozen]), null, 0, null);
    await producer.flush(30_000);
    await producer.close();
    assert.equal(await end(), frozen);
  }
  await admin.close();
});
