import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ConsumedRecord } from "@millrace/kafka";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const fixture = new StandaloneFixture("dead_letters");
after(() => fixture.close());

const STRING = "org.apache.kafka.connect.storage.StringConverter";
const JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter";
const DLQ = `${fixture.run}-dlq`;

const text = (bytes: Uint8Array | null | undefined) => (bytes ? Buffer.from(bytes).toString() : null);

async function records(topic: string): Promise<ConsumedRecord[]> {
  const read: ConsumedRecord[] = [];
  await readCommitted(bootstrapServers, [topic], (record) => read.push(record));
  return read;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

test("a broken record among good ones goes to the dead letter queue with its context, and the sink runs on", async () => {
  const input = fixture.write("in.txt", "");
  const output = join(fixture.dir, "out.txt");
  const topic = `${fixture.run}-Numbers`;
  const { rest } = await fixture.start({
    properties: {
      "bootstrap.servers": bootstrapServers,
      "key.converter": STRING,
      "value.converter": STRING,
      "offset.flush.interval.ms": "200",
      "offset.storage.topic": `${fixture.run}-offsets`,
      "offset.storage.replication.factor": "1",
    },
  });
  const source = { "connector.class": "FileStreamSource", "tasks.max": "1", file: input, topic };
  const sink = {
    "connector.class": "FileStreamSink",
    "tasks.max": "1",
    // Only Java understands it: topics are listed.
    "topics.regex": `(?i)${fixture.run}-numbers`,
    "consumer.override.metadata.max.age.ms": "500",
    file: output,
    "value.converter": JSON_CONVERTER,
    "value.converter.schemas.enable": "false",
    "errors.tolerance": "all",
    "errors.log.enable": "true",
    "errors.deadletterqueue.topic.name": DLQ,
    "errors.deadletterqueue.topic.replication.factor": "1",
    "errors.deadletterqueue.context.headers.enable": "true",
  };
  for (const [name, config] of Object.entries({ source, sink })) {
    assert.equal((await rest.insist("PUT", `/connectors/${name}/config`, config)).status, 201);
  }
  await until("both run", async () => (await rest.isIn("RUNNING", "source", 1)) && rest.isIn("RUNNING", "sink", 1));
  const expected = (to: number) => Array.from({ length: to }, (_, i) => `{n=${i + 1}}\n`).join("");
  const lines = (from: number, to: number) => {
    return Array.from({ length: to - from + 1 }, (_, i) => `{"n":${from + i}}\n`).join("");
  };
  appendFileSync(input, `${lines(1, 100)}{"n":\n${lines(101, 200)}`);
  await until("the good ones arrive", () => contentOf(output) === expected(200));

  await until("the broken one is in the queue", async () => (await records(DLQ)).length > 0);
  const [letter, ...others] = await records(DLQ);
  assert.deepEqual([text(letter?.value), letter?.key, others], ['{"n":', null, []]);
  const original = (await records(topic))[100];
  assert.equal(letter?.timestampMs, original?.timestampMs);
  const context = letter?.headers.map(({ key, value }) => [key.replace(/^__connect\.errors\./, ""), text(value)]) ?? [];
  assert.deepEqual(context.slice(0, 8), [
    ["topic", topic],
    ["partition", "0"],
    ["offset", "100"],
    ["connector.name", "sink"],
    ["task.id", "0"],
    ["stage", "VALUE_CONVERTER"],
    ["class.name", JSON_CONVERTER],
    ["exception.class.name", "org.apache.kafka.connect.errors.DataException"],
  ]);
  assert.deepEqual(
    context.slice(8).map(([name]) => name),
    ["exception.message", "exception.stacktrace"],
  );
  assert.ok(
    fixture.logTail(500).includes("Error encountered in task sink-0. Executing stage 'VALUE_CONVERTER' with class"),
  );

  appendFileSync(input, lines(201, 210));
  await until("more arrive", () => contentOf(output) === expected(210));
  assert.ok(await rest.isIn("RUNNING", "sink", 1));

  // Another topic that the pattern matches: found by the next listing.
  const second = { ...source, file: fixture.write("second.txt", '{"n":"second"}\n'), topic: `${fixture.run}-NUMBERS` };
  assert.equal((await rest.insist("PUT", "/connectors/second/config", second)).status, 201);
  await until("the other topic is read too", () => contentOf(output) === `${expected(210)}{n=second}\n`);

  const refused = { ...sink, "errors.deadletterqueue.topic.name": `${DLQ}-3` };
  const { "errors.deadletterqueue.topic.replication.factor": _default, ...config } = refused;
  await rest.insist("PUT", "/connectors/refused/config", config);
  const failed = async () => (await rest.status("refused"))?.tasks.find(({ state }) => state === "FAILED");
  await until("three replicas are refused", async () => (await failed()) !== undefined);
  const { trace } = (await failed())!;
  assert.match(trace ?? "", new RegExp(`ConnectException: Could not initialize dead letter queue with topic=${DLQ}-3`));
});
