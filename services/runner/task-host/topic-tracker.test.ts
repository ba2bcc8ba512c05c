import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { TopicTracker } from "./topic-tracker.ts";

function tracked(enabled = true) {
  const told: string[][] = [];
  const outcomes: (Error | null)[] = [];
  const add = async (topics: string[]) => {
    told.push(topics);
    const outcome = outcomes.shift() ?? null;
    if (outcome !== null) throw outcome;
  };
  return { tracker: new TopicTracker({ enabled, add }), told, outcomes };
}

test("a topic is told once, when it is published", async () => {
  const { tracker, told } = tracked();
  tracker.used("a");
  assert.deepEqual(told, []);
  tracker.publish();
  await turn();
  for (const topic of ["a", "b", "a"]) tracker.used(topic);
  tracker.publish();
  assert.deepEqual(told, [["a"], ["b"]]);
});

test("what the scheduler did not take is told again", async () => {
  const { tracker, told, outcomes } = tracked();
  outcomes.push(new Error("no scheduler"));
  tracker.used("a");
  tracker.publish();
  await turn();
  tracker.publish();
  assert.deepEqual(told, [["a"], ["a"]]);
});

test("after a reset every topic in use is told anew, also when one was just being told", async () => {
  const { tracker, told, outcomes } = tracked();
  outcomes.push(new Error("no scheduler"));
  tracker.used("a");
  tracker.publish();
  tracker.forget();
  await turn();
  tracker.publish();
  assert.deepEqual(told, [["a"]], "not used since the reset");
  tracker.used("a");
  tracker.publish();
  assert.deepEqual(told, [["a"], ["a"]]);
});

test("nothing is told while tracking is off", () => {
  const { tracker, told } = tracked(false);
  tracker.used("a");
  tracker.publish();
  assert.deepEqual(told, []);
});
