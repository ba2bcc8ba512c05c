import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryHub } from "@millrace/bus";
import { fence, ProtocolError } from "@millrace/protocol";
import { VirtualClock } from "@millrace/time";
import { FencingRounds } from "./fencing-rounds.ts";
import { quiet } from "./testing/scripted-cluster.ts";

function world(runners: readonly string[] = ["r1"]) {
  const clock = new VirtualClock();
  const bus = new MemoryHub({ clock }).connect();
  const done: number[] = [];
  const fencer = (except: string | null) => runners.find((runner) => runner !== except) ?? runners[0]!;
  const deps = { bus, clock, random: () => 0.5, logger: quiet, timeoutMs: 90_000, fencer };
  const rounds: FencingRounds = new FencingRounds({ ...deps, done: () => done.push(rounds.fenced().get("c") ?? -1) });
  return { clock, bus, rounds, done };
}

const round = { connector: "c", generation: 2, tasks: 3, config: {} };

test("FencingRounds repeats a round until a runner has done it", async () => {
  const { clock, bus, rounds, done } = world();
  rounds.reconcile([round]);
  await clock.advance(300);
  let asked = 0;
  await bus.respond(fence("r1"), ({ tasks }) => {
    asked += 1;
    assert.equal(tasks, 3);
    if (asked === 1) throw new ProtocolError("INTERNAL", "the coordinator is loading");
    return {};
  });
  await clock.advance(5_000);
  assert.deepEqual([asked, done], [2, [2]]);
  rounds.reconcile([round]);
  assert.equal(rounds.fenced().get("c"), 2);
});

test("FencingRounds asks another runner when one does not answer", async () => {
  const { clock, bus, rounds, done } = world(["r1", "r2"]);
  await bus.respond(fence("r1"), () => new Promise<Record<string, never>>(() => {}));
  await bus.respond(fence("r2"), () => ({}));
  rounds.reconcile([round]);
  await clock.advance(89_000);
  assert.deepEqual(done, []);
  await clock.advance(2_000);
  assert.deepEqual(done, [2]);
});

test("FencingRounds asks anew when it is told to, and takes no answer of before", async () => {
  const { clock, bus, rounds, done } = world();
  const answers: (() => void)[] = [];
  await bus.respond(
    fence("r1"),
    () => new Promise<Record<string, never>>((resolve) => answers.push(() => resolve({}))),
  );
  rounds.reconcile([round]);
  await clock.advance(0);
  rounds.repeat();
  await clock.advance(0);
  assert.equal(answers.length, 2);
  answers[0]?.();
  await clock.advance(0);
  assert.deepEqual(done, []);
  answers[1]?.();
  await clock.advance(0);
  assert.deepEqual(done, [2]);
  rounds.repeat();
  await clock.advance(0);
  assert.equal(answers.length, 2);
});

test("FencingRounds runs one round of a connector at a time, and abandons it for a newer generation", async () => {
  const { clock, bus, rounds, done } = world();
  const answers: (() => void)[] = [];
  await bus.respond(
    fence("r1"),
    () => new Promise<Record<string, never>>((resolve) => answers.push(() => resolve({}))),
  );
  rounds.reconcile([round]);
  rounds.reconcile([round]);
  await clock.advance(0);
  assert.equal(answers.length, 1);
  rounds.reconcile([{ ...round, generation: 3 }]);
  await clock.advance(0);
  assert.equal(answers.length, 2);
  answers[0]?.();
  await clock.advance(0);
  assert.deepEqual(done, []);
  answers[1]?.();
  await clock.advance(0);
  assert.deepEqual(done, [3]);
  rounds.stop();
});
