import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders, DataError, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";
import { contextHeaders, type Failure, failureText } from "./failure.ts";

const TASK = { connector: "orders-sink", task: 2 };
const CONVERTER = "org.apache.kafka.connect.json.JsonConverter";
const consumed: ConsumedRecord = {
  topic: "t",
  partition: 0,
  offset: 5,
  key: null,
  value: new TextEncoder().encode("private"),
  headers: [],
  timestampMs: 1234,
  timestampType: "CreateTime",
};
const failure: Failure = {
  stage: "VALUE_CONVERTER",
  executing: CONVERTER,
  error: new DataError("no JSON", { cause: new Error("line 1") }),
  consumed,
  polled: null,
};
const hide = (text: string) => text.replaceAll("s3cret", "${env:X}");
const begin = `Error encountered in task orders-sink-2. Executing stage 'VALUE_CONVERTER' with class '${CONVERTER}'`;

test("failureText is Kafka Connect's line, with the coordinates of a consumed record where they are wanted", () => {
  assert.equal(failureText(TASK, failure, false), `${begin}.`);
  assert.equal(
    failureText(TASK, failure, true),
    `${begin}, where consumed record is {topic='t', partition=0, offset=5, timestamp=1234, timestampType=CreateTime}.`,
  );
  const untimed = {
    ...failure,
    consumed: { ...consumed, timestampMs: null, timestampType: "NoTimestampType" as const },
  };
  assert.equal(
    failureText(TASK, untimed, true),
    `${begin}, where consumed record is {topic='t', partition=0, offset=5}.`,
  );
  assert.equal(failureText(TASK, { ...failure, consumed: null }, true), `${begin}.`);
});

test("failureText shows a source record whole, as Java's toString does", () => {
  const row = SchemaBuilder.struct().field("a", Schema.INT32).build();
  const headers = new ConnectHeaders().addString("h", "v");
  const polled = {
    sourcePartition: { file: "f" },
    sourceOffset: { position: 7 },
    topic: "out",
    key: "k",
    keySchema: Schema.STRING,
    valueSchema: row,
    value: Struct.of(row, [1]),
    timestamp: 9,
    headers,
  };
  assert.equal(
    failureText(TASK, { ...failure, consumed: null, polled }, true),
    `${begin}, where source record is = SourceRecord{sourcePartition={file=f}, sourceOffset={position=7}} ` +
      "ConnectRecord{topic='out', kafkaPartition=null, key=k, keySchema=Schema{STRING}, value=Struct{a=1}, " +
      "valueSchema=Schema{STRUCT}, timestamp=9, " +
      "headers=ConnectHeaders(headers=[ConnectHeader(key=h, value=v, schema=Schema{STRING})])}.",
  );
});

const shown = (failed: Failure) =>
  contextHeaders(TASK, failed, hide).map(({ key, value }) => [key, value && new TextDecoder().decode(value)]);

test("contextHeaders are Kafka Connect's, in its order", () => {
  const headers = shown(failure);
  assert.deepEqual(headers.slice(0, 9), [
    ["__connect.errors.topic", "t"],
    ["__connect.errors.partition", "0"],
    ["__connect.errors.offset", "5"],
    ["__connect.errors.connector.name", "orders-sink"],
    ["__connect.errors.task.id", "2"],
    ["__connect.errors.stage", "VALUE_CONVERTER"],
    ["__connect.errors.class.name", CONVERTER],
    ["__connect.errors.exception.class.name", "org.apache.kafka.connect.errors.DataException"],
    ["__connect.errors.exception.message", "no JSON"],
  ]);
  const [name, trace] = headers[9]!;
  assert.equal(name, "__connect.errors.exception.stacktrace");
  assert.match(
    trace ?? "",
    /^org\.apache\.kafka\.connect\.errors\.DataException: no JSON\n\tat [\s\S]*\nCaused by: Error: line 1\n\tat /,
  );
  assert.equal(headers.length, 10);
});

test("contextHeaders hide secrets, take anything that can be thrown, and have null for no message", () => {
  const [message, trace] = shown({ ...failure, error: new Error("password s3cret") }).slice(-2);
  assert.equal(message?.[1], "password ${env:X}");
  assert.doesNotMatch(trace?.[1] ?? "", /s3cret/);
  assert.deepEqual(shown({ ...failure, error: new TypeError() }).slice(-3, -1), [
    ["__connect.errors.exception.class.name", "TypeError"],
    ["__connect.errors.exception.message", null],
  ]);
  assert.deepEqual(shown({ ...failure, error: "a text" }).at(-2), ["__connect.errors.exception.message", "a text"]);
  assert.equal(shown({ ...failure, consumed: null })[0]?.[0], "__connect.errors.connector.name");
});
