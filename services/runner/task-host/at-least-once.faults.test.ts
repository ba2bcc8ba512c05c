import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultPoint } from "@millrace/kafka/fake";
import fc from "fast-check";
import { committedOffsets, openHostFixture, taskWork } from "../testing/host-fixture.ts";
import { assertAtLeastOnceSoFar, numberedTask } from "../testing/numbered-source.ts";
import { RunningTask } from "./running-task.ts";

const TOTAL = 20;
const worker = { "exactly.once.source.support": "disabled", "offset.flush.interval.ms": "30" };
const ID = "connector-producer-c-0";

const cases = (
  [
    { point: "connect", about: ID },
    { point: "deliver", about: "out" },
    { point: "deliver", about: "connect-offsets" },
    { point: "flush", about: ID },
    { point: "poll", about: "" },
    { point: "admin", about: "" },
  ] as const satisfies readonly { point: FaultPoint; about: string }[]
).flatMap((each) => (["before", "after"] as const).map((when) => ({ ...each, when })));

function openNumbered(order: "kept" | "gaps" = "kept") {
  const fixture = openHostFixture({ worker, task: () => numberedTask({ total: TOTAL }) });
  const finish = async (task: RunningTask) => {
    await fixture.until(
      "all records and the last offset are there",
      () => assertAtLeastOnceSoFar(fixture.cluster, order) === TOTAL && committedOffsets(fixture.cluster).a === TOTAL,
    );
    const stopped = task.stop(5000);
    await fixture.clock.advance(100);
    await stopped;
    assert.equal(assertAtLeastOnceSoFar(fixture.cluster, order), TOTAL);
  };
  return { ...fixture, finish };
}

for (const { point, about, when } of cases) {
  test(`I1 I4 I5: at least once when ${point} of '${about}' fails ${when} its effect`, async () => {
    const { env, link, cluster, finish, until } = openNumbered(point === "deliver" ? "gaps" : "kept");
    const task = new RunningTask(env, taskWork(), link);
    await until("some records are there", () => assertAtLeastOnceSoFar(cluster) >= 6);
    cluster.faults.failNext(point, { when, kind: "retriable" }, about);
    if (["connect", "poll", "admin"].includes(point)) cluster.killProducers(ID);
    await finish(task);
  });
}

test("AtLeastOnceCommitter stores no offset of a record that was not delivered", async () => {
  const { env, link, cluster, finish, reports } = openNumbered("gaps");
  cluster.faults.failNext("deliver", { when: "before", kind: "retriable", code: "UNKNOWN_TOPIC_OR_PART" }, "out");
  const task = new RunningTask(env, taskWork(), link);
  await finish(task);
  assert.ok(reports.some(({ state }) => state === "RESTARTING"));
});

test("AtLeastOnceCommitter waits on where a flush takes longer than its timeout", async () => {
  const { env, link, cluster, finish, reports } = openNumbered();
  for (let i = 0; i < 3; i++) {
    cluster.faults.failNext("flush", { when: "before", kind: "retriable", code: "_TIMED_OUT" }, ID);
  }
  await finish(new RunningTask(env, taskWork(), link));
  assert.ok(!reports.some(({ state }) => state === "RESTARTING" || state === "FAILED"));
});

test("I1 I4 I5: at least once through any sequence of faults, kills and replacements", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("fault" as const), at: fc.nat(cases.length - 1) }),
    fc.record({ do: fc.constantFrom("full", "kill", "pause", "resume", "replace"), at: fc.constant(0) }),
    fc.record({ do: fc.constant("wait" as const), at: fc.integer({ min: 1, max: 200 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
      const { env, link, cluster, clock, finish } = openNumbered("gaps");
      let generation = 1;
      let task = new RunningTask(env, taskWork({ generation }), link);
      const replace = async () => {
        const stopped = task.stop(200);
        await clock.advance(300);
        await stopped;
        task = new RunningTask(env, taskWork({ generation: ++generation }), link);
      };
      for (const { do: action, at } of steps) {
        if (action === "fault") {
          const { point, when, about } = cases[at]!;
          cluster.faults.failNext(point, { when, kind: "retriable" }, about);
        } else if (action === "full") cluster.faults.fillQueue(2);
        else if (action === "kill") cluster.killProducers(ID);
        else if (action === "pause") task.setTarget("PAUSED");
        else if (action === "resume") task.setTarget("STARTED");
        else if (action === "replace") await replace();
        else await clock.advance(at);
        assertAtLeastOnceSoFar(cluster, "gaps");
      }
      await replace();
      await finish(task);
    }),
    { numRuns: 60, seed: 618 },
  );
});
