// Fills a topic of one partition with the records of the workload jdbc-sink, for `task.ts` to run a sink on:
//   KAFKA_BOOTSTRAP_SERVERS=… node --import tsx test/bench/profile/fill-topic.ts <topic> [<records>]
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { silentLogger } from "@millrace/service";
import { systemClock } from "@millrace/time";

const [topic = "profile-orders", records = "300000"] = process.argv.slice(2);
const SCHEMA = JSON.stringify({
  type: "struct",
  fields: [
    { type: "int64", optional: false, field: "id" },
    { type: "string", optional: true, field: "customer" },
    { type: "double", optional: true, field: "amount" },
    { type: "int32", optional: true, field: "ver" },
    { type: "string", optional: true, field: "note" },
  ],
  optional: false,
  name: "bench.order",
});
const kafka = librdkafkaClient({ clock: systemClock, logger: silentLogger });
const servers = { "bootstrap.servers": process.env.KAFKA_BOOTSTRAP_SERVERS ?? "127.0.0.1:9092" };
const admin = await kafka.admin(servers);
await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, configs: {} });
await admin.close();
const producer = await kafka.producer(servers);
const count = Number(records);
const keys = Math.round((count * 2) / 3);
for (let i = 0; i < count; i++) {
  const id = i % keys;
  const payload = JSON.stringify({
    id,
    customer: `customer-${id % 10_000}`,
    amount: (id % 1_000_000) / 100,
    ver: i < keys ? 1 : 2,
    note: `order note ${id}${" ".padEnd(120, "x")}`,
  });
  const value = Buffer.from(`{"schema":${SCHEMA},"payload":${payload}}`);
  while (!producer.send(topic, 0, value, null, 0, null)) await producer.drained(new AbortController().signal);
}
await producer.flush(60_000);
await producer.close();
