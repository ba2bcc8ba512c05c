import assert from "node:assert/strict";
import { test } from "node:test";
import type { Consumer } from "@millrace/kafka";
import { VirtualClock } from "@millrace/time";
import { sinkTopics, TopicSubscription } from "./topic-subscription.ts";

const listener = { assigned: async () => {}, revoked: async () => {}, lost: async () => {} };

function open(connector: Readonly<Record<string, string>>, consumer: Readonly<Record<string, string>> = {}) {
  const clock = new VirtualClock();
  const subscribed: unknown[] = [];
  const warnings: string[] = [];
  const state = { topics: ["orders", "payments", "__consumer_offsets"], fails: false, listed: 0 };
  const subscription = new TopicSubscription({
    topics: sinkTopics(connector, consumer),
    consumer: { subscribe: async (topics: unknown) => void subscribed.push(topics) } as unknown as Consumer,
    listener,
    listTopics: async () => {
      state.listed++;
      if (state.fails) throw new Error("no broker");
      return state.topics;
    },
    clock,
    logger: { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} },
  });
  return { clock, subscribed, warnings, state, subscription };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("TopicSubscription subscribes to the topics named, without blanks, empties and doubles", async () => {
  const { subscription, subscribed, state } = open({ topics: " a, b,,a ,", "topics.regex": "" });
  await subscription.open();
  await subscription.follow();
  assert.deepEqual([subscribed, state.listed], [[["a", "b"]], 0]);
});

test("TopicSubscription leaves a plain pattern to the consumer", async () => {
  const { subscription, subscribed, state } = open({ "topics.regex": "or.*|x" });
  await subscription.open();
  await subscription.follow();
  assert.deepEqual([subscribed, state.listed], [[{ pattern: "^(?:or.*|x)$" }], 0]);
});

test("TopicSubscription lists topics for patterns that only Java understands, and matches whole names", async () => {
  for (const [regex, found] of [
    ["(?i)ORDERS", ["orders"]],
    ["(?!ord).*s", ["payments"]],
    ["\\p{Lower}++", ["orders", "payments"]],
  ] as const) {
    const { subscription, subscribed } = open({ "topics.regex": regex });
    await subscription.open();
    assert.deepEqual(subscribed, [found], regex);
  }
  assert.throws(() => open({ "topics.regex": "(" }), /Unclosed group/);
});

test("TopicSubscription passes over Kafka's internal topics, as Java's consumer does, unless told otherwise", async () => {
  const closed = open({ "topics.regex": ".*" });
  await closed.subscription.open();
  assert.deepEqual(closed.subscribed, [["orders", "payments"]]);
  const opened = open({ "topics.regex": ".*" }, { "exclude.internal.topics": "false" });
  await opened.subscription.open();
  assert.deepEqual(opened.subscribed, [{ pattern: "^(?:.*)$" }]);
});

test("TopicSubscription looks again every metadata.max.age.ms and subscribes when something changed", async () => {
  const { clock, subscription, subscribed, state } = open(
    { "topics.regex": "(?i)ORDERS.*" },
    { "metadata.max.age.ms": "1000" },
  );
  state.topics = [];
  await subscription.open();
  assert.deepEqual(subscribed, []);
  const pass = async () => {
    await clock.advance(1000);
    await subscription.follow();
    await settled();
    await subscription.follow();
  };
  state.topics = ["orders-2", "orders-1"];
  await pass();
  await pass();
  assert.deepEqual(subscribed, [["orders-1", "orders-2"]]);
  state.topics = [];
  await pass();
  assert.deepEqual(subscribed, [["orders-1", "orders-2"]], "what is gone may come back");
  assert.equal(state.listed, 4);
});

test("TopicSubscription goes on with what it has when topics cannot be listed", async () => {
  const { clock, subscription, subscribed, warnings, state } = open({ "topics.regex": "(?i)ORDERS" });
  await subscription.open();
  state.fails = true;
  await clock.advance(300_000);
  await subscription.follow();
  await settled();
  await subscription.follow();
  assert.deepEqual([subscribed.length, warnings.length], [1, 1]);
  state.fails = false;
  state.topics = ["ORDERS"];
  await clock.advance(300_000);
  await subscription.follow();
  await settled();
  await subscription.follow();
  assert.deepEqual(subscribed.at(-1), ["ORDERS"]);
});
