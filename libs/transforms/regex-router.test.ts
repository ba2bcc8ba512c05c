import assert from "node:assert/strict";
import { test } from "node:test";
import { regexRouter } from "./regex-router.ts";
import { configured, sinkRecord } from "./testing/records.ts";

function topicAfter(regex: string, replacement: string, topic: string): string | undefined {
  return configured(regexRouter, { regex, replacement }).apply(sinkRecord({ topic }))?.topic;
}

test("RegexRouter renames topics that match as a whole", () => {
  assert.equal(topicAfter("(.*)-(.*)", "$2_$1", "a-b-c"), "c_a-b");
  assert.equal(topicAfter("ord", "x", "orders"), "orders");
  assert.equal(topicAfter("(?i)ORDERS-(?<id>\\d++)", "o${id}", "orders-12"), "o12");
});

test("RegexRouter replaces the first match, which may be shorter than the topic", () => {
  assert.equal(topicAfter("a|ab", "x", "ab"), "xb");
});

test("RegexRouter gives back the record itself when its topic stays", () => {
  const record = sinkRecord();
  const router = configured(regexRouter, { regex: "x", replacement: "y" });
  assert.equal(router.apply(record), record);
  assert.equal(router.apply(record), record);
});

test("RegexRouter keeps no more than some thousand topics", () => {
  const router = configured(regexRouter, { regex: "t(.*)", replacement: "n$1" });
  for (let i = 0; i < 3000; i++) assert.equal(router.apply(sinkRecord({ topic: `t${i}` }))?.topic, `n${i}`);
});

test("RegexRouter finds a bad replacement at the first topic that matches", () => {
  const router = configured(regexRouter, { regex: "a", replacement: "$1" });
  assert.equal(router.apply(sinkRecord({ topic: "b" }))?.topic, "b");
  assert.throws(() => router.apply(sinkRecord({ topic: "a" })), {
    javaClass: "java.lang.IndexOutOfBoundsException",
    message: "No group 1",
  });
});

test("RegexRouter refuses patterns in Java's words", () => {
  assert.throws(() => configured(regexRouter, { regex: "a{2,1}", replacement: "b" }), {
    message:
      "Invalid value a{2,1} for configuration regex: Invalid regex: Illegal repetition range near index 5\na{2,1}\n     ^",
  });
});
