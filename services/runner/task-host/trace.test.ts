import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, DataError } from "@millrace/connect";
import { KafkaError } from "@millrace/kafka";
import { traceOf } from "./trace.ts";

const heads = (error: unknown) =>
  traceOf(error)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("\t"));

test("traceOf names Connect errors by their Java class, others by name and code, and follows causes", () => {
  const cause = new KafkaError("broker said no", { code: "POLICY_VIOLATION", kind: "invalid", cause: "a text" });
  assert.deepEqual(heads(new DataError("bad value", { cause })), [
    "org.apache.kafka.connect.errors.DataException: bad value",
    "Caused by: KafkaError (POLICY_VIOLATION): broker said no",
    "Caused by: a text",
  ]);
  assert.deepEqual(heads(new ConfigError("missing")), ["org.apache.kafka.common.config.ConfigException: missing"]);
});

test("traceOf shows stack frames", () => {
  assert.match(traceOf(new Error("x")), /^Error: x\n\tat .*trace\.test\.ts/);
});

test("traceOf takes anything that can be thrown", () => {
  for (const [thrown, expected] of [
    ["text", "text"],
    [7, "7"],
    [{}, "[object Object]"],
  ] as const) {
    assert.deepEqual(heads(thrown), [expected]);
  }
  assert.equal(traceOf(undefined), "");
});

test("traceOf is bounded: long messages, and causes that go round", () => {
  const round = new Error("a");
  round.cause = round;
  assert.equal(heads(round).length, 10);
  assert.ok(traceOf(new Error("x".repeat(100_000))).length < 8_100);
});
