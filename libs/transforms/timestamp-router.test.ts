import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders, Schema } from "@millrace/connect";
import { configured, sinkRecord, sourceRecord } from "./testing/records.ts";
import { timestampRouter } from "./timestamp-router.ts";

const NEW_YEARS_EVE_MS = Date.UTC(2023, 11, 31, 23, 59, 59, 7);

function topicAfter(config: Readonly<Record<string, string>>, topic = "orders"): string | undefined {
  return configured(timestampRouter, config).apply(sinkRecord({ topic, timestamp: NEW_YEARS_EVE_MS }))?.topic;
}

test("TimestampRouter names topics by day unless told otherwise", () => {
  assert.equal(topicAfter({}), "orders-20231231");
  assert.equal(topicAfter({ "timestamp.format": "yyyy'\\'MM'$1'" }), "orders-2023\\12$1");
  assert.equal(topicAfter({ "topic.format": "${timestamp}_${topic}_${timestamp}" }), "20231231_orders_20231231");
  assert.equal(topicAfter({ "topic.format": "$topic-{timestamp}" }), "$topic-{timestamp}");
});

test("TimestampRouter takes topics as they are, and finds a place for the timestamp in them", () => {
  assert.equal(topicAfter({}, "a$1b"), "a$1b-20231231");
  assert.equal(topicAfter({}, "${topic}"), "${topic}-20231231");
  assert.equal(topicAfter({}, "x${timestamp}"), "x20231231-20231231");
});

test("TimestampRouter follows the topic from record to record", () => {
  const router = configured(timestampRouter, {});
  const topics = ["a", "b", "a"].map((topic) => router.apply(sinkRecord({ topic, timestamp: 0 }))?.topic);
  assert.deepEqual(topics, ["a-19700101", "b-19700101", "a-19700101"]);
});

test("TimestampRouter shows the record that has no timestamp", () => {
  const router = configured(timestampRouter, {});
  assert.throws(() => router.apply(sourceRecord({ valueSchema: Schema.STRING, value: "v" })), {
    message:
      "Timestamp missing on record: SourceRecord{sourcePartition={p=1}, sourceOffset={o=1}} ConnectRecord{" +
      "topic='orders', kafkaPartition=null, key=null, keySchema=null, value=v, valueSchema=Schema{STRING}, " +
      "timestamp=null, headers=ConnectHeaders(headers=)}",
  });
  const headers = new ConnectHeaders().add("a", "x", Schema.STRING);
  assert.throws(() => router.apply(sinkRecord({ timestamp: null, headers })), {
    message:
      "Timestamp missing on record: SinkRecord{kafkaOffset=42, timestampType=CreateTime, originalTopic=orders, " +
      "originalKafkaPartition=3, originalKafkaOffset=42} ConnectRecord{topic='orders', kafkaPartition=3, key=null, " +
      "keySchema=null, value=null, valueSchema=null, timestamp=null, " +
      "headers=ConnectHeaders(headers=[ConnectHeader(key=a, value=x, schema=Schema{STRING})])}",
  });
});

test("TimestampRouter finds a bad pattern at the first record", () => {
  const router = configured(timestampRouter, { "timestamp.format": "bbb" });
  assert.throws(() => router.apply(sinkRecord()), {
    javaClass: "java.lang.IllegalArgumentException",
    message: "Illegal pattern character 'b'",
  });
});
