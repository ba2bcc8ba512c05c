import assert from "node:assert/strict";
import { test } from "node:test";
import type { KafkaErrorKind } from "@millrace/kafka";
import type { FaultPoint } from "@millrace/kafka/fake";
import fc from "fast-check";
import { type HostFixture, openHostFixture, taskWork } from "../testing/host-fixture.ts";
import { assertExactlyOnceSoFar, numberedTask } from "../testing/numbered-source.ts";
import { RunningTask } from "./running-task.ts";

const TOTAL = 20;
const ID = "g-c-0";

const transactional: readonly { point: FaultPoint; kinds: readonly KafkaErrorKind[]; about: string }[] = [
  { point: "connect", kinds: ["retriable", "fatal"], about: ID },
  { point: "initTransactions", kinds: ["retriable", "indefinite", "fatal", "fenced"], about: ID },
  { point: "beginTransaction", kinds: ["retriable", "fatal", "fenced"], about: ID },
  { point: "deliver", kinds: ["retriable", "fenced"], about: "out" },
  { point: "deliver", kinds: ["retriable", "fenced"], about: "connect-offsets" },
  { point: "commitTransaction", kinds: ["retriable", "abortable", "indefinite", "fenced", "fatal"], about: ID },
  { point: "poll", kinds: ["retriable", "fatal"], about: "" },
  { point: "admin", kinds: ["retriable", "fatal"], about: "" },
];

const cases = transactional.flatMap(({ point, kinds, about }) =>
  kinds.flatMap((kind) => (["before", "after"] as const).map((when) => ({ point, kind, when, about }))),
);

/** Faults come far more often than in life. */
const worker = { "millrace.auto.restart.backoff.initial.ms": "100", "millrace.auto.restart.backoff.max.ms": "10000" };

function openNumbered(acked: (polled: number) => void = () => {}): HostFixture {
  return openHostFixture({ worker, task: () => numberedTask({ total: TOTAL, committed: acked }) });
}

async function finish(fixture: HostFixture, task: RunningTask): Promise<void> {
  await fixture.until("all records are visible", () => assertExactlyOnceSoFar(fixture.cluster) === TOTAL);
  const stopped = task.stop(5000);
  await fixture.clock.advance(100);
  await stopped;
  assert.equal(assertExactlyOnceSoFar(fixture.cluster), TOTAL);
  assert.equal(fixture.cluster.transactions.hasOpen(ID), false);
}

function nameOf({ point, kind, when, about }: (typeof cases)[number]): string {
  return `${point}${about === ID || about === "" ? "" : ` of ${about}`} fails ${when} its effect as ${kind}`;
}

// A new offsets topic is empty: the first start polls nothing.
for (const each of cases.filter(({ point }) => point !== "poll")) {
  const { point, kind, when, about } = each;
  test(`I1 I3 I4 I5: exactly once when the first ${nameOf(each)}`, async () => {
    const fixture = openNumbered();
    fixture.cluster.faults.failNext(point, { when, kind }, about);
    const task = new RunningTask(fixture.env, taskWork(), fixture.link);
    await finish(fixture, task);
    assert.equal(fixture.cluster.faults.pending, 0);
  });
}

for (const each of cases) {
  const { point, kind, when, about } = each;
  test(`I1 I3 I4 I5: exactly once when a later ${nameOf(each)}`, async () => {
    const fixture = openNumbered();
    const task = new RunningTask(fixture.env, taskWork(), fixture.link);
    await fixture.until("some records are visible", () => assertExactlyOnceSoFar(fixture.cluster) >= 6);
    fixture.cluster.faults.failNext(point, { when, kind }, about);
    // Connecting, initialising and reading happen at a start: give it one.
    if (["connect", "initTransactions", "poll", "admin"].includes(point)) fixture.cluster.killProducers(ID);
    await finish(fixture, task);
  });
}

for (const when of ["before", "after"] as const) {
  test(`I1 I3: exactly once when the abort after a failed commit fails ${when} its effect`, async () => {
    const fixture = openNumbered();
    fixture.cluster.faults.failNext("commitTransaction", { when: "before", kind: "abortable" }, ID);
    fixture.cluster.faults.failNext("abortTransaction", { when, kind: "indefinite" }, ID);
    const task = new RunningTask(fixture.env, taskWork(), fixture.link);
    await finish(fixture, task);
    assert.equal(fixture.cluster.faults.pending, 0);
  });
}

test("I2: the task is told to commit only what is durable, whatever fails", async () => {
  let visible = 0;
  const ahead: number[] = [];
  const fixture = openHostFixture({
    worker,
    task: () => {
      const inner = numberedTask({ total: TOTAL });
      return {
        ...inner,
        commitRecord(record) {
          visible = assertExactlyOnceSoFar(fixture.cluster);
          if (Number(record.sourceOffset?.n) > visible) ahead.push(Number(record.sourceOffset?.n));
        },
      };
    },
  });
  for (const when of ["before", "after"] as const) {
    for (const kind of ["abortable", "indefinite", "fenced"] as const) {
      fixture.cluster.faults.failNext("commitTransaction", { when, kind }, ID);
    }
  }
  const task = new RunningTask(fixture.env, taskWork(), fixture.link);
  await finish(fixture, task);
  assert.deepEqual(ahead, []);
  assert.equal(visible, TOTAL);
});

type Step =
  | { readonly do: "fault"; readonly at: number }
  | { readonly do: "slow"; readonly ms: number }
  | { readonly do: "full" | "kill" | "pause" | "resume" | "replace" | "zombie" | "stop" }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("fault" as const), at: fc.nat(cases.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("slow" as const), ms: fc.integer({ min: 1, max: 3000 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(...(["full", "kill", "pause", "resume", "replace", "zombie", "stop"] as const)),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 400 }) }) },
);

/** The latest generation, and those that were not stopped before it started. */
class Fleet {
  fixture = openNumbered();
  generation = 1;
  current: RunningTask;
  others: RunningTask[] = [];
  stops: Promise<void>[] = [];

  constructor() {
    this.current = this.start();
  }

  start(): RunningTask {
    return new RunningTask(this.fixture.env, taskWork({ generation: this.generation }), this.fixture.link);
  }

  async act(each: Step): Promise<void> {
    const { cluster, clock } = this.fixture;
    if (each.do === "wait") {
      for (let passedMs = 0; passedMs < each.ms; passedMs += 20) {
        await clock.advance(20);
        assertExactlyOnceSoFar(cluster);
      }
    } else if (each.do === "fault") {
      const { point, when, kind, about } = cases[each.at]!;
      cluster.faults.failNext(point, { when, kind }, about);
    } else if (each.do === "slow") cluster.faults.delayNext("commitTransaction", each.ms, ID);
    else if (each.do === "full") cluster.faults.fillQueue(3);
    else if (each.do === "kill") cluster.killProducers(ID);
    else if (each.do === "pause") this.current.setTarget("PAUSED");
    else if (each.do === "resume") this.current.setTarget("STARTED");
    else if (each.do === "stop") this.stops.push(this.current.stop(200));
    else {
      if (each.do === "replace") this.stops.push(this.current.stop(200));
      else this.others.push(this.current);
      this.generation++;
      this.current = this.start();
    }
  }

  /** Whatever happened: a last generation alone finishes the work. */
  async settle(): Promise<void> {
    const { clock } = this.fixture;
    this.stops.push(...[this.current, ...this.others].map((task) => task.stop(200)));
    await clock.advance(500);
    await Promise.all(this.stops);
    this.generation++;
    this.current = this.start();
    await finish(this.fixture, this.current);
  }
}

test("I1 I3 I4 I5: exactly once through any sequence of faults, kills, pauses, replacements and zombies", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const fleet = new Fleet();
      for (const each of steps) await fleet.act(each);
      await fleet.settle();
    }),
    { numRuns: 80, seed: 618 },
  );
});
