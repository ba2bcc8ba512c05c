import assert from "node:assert/strict";
import { test } from "node:test";
import { type AfterCrash, afterCrash, type CrashedWork, type HostCrash, NO_CRASHES } from "./crash-policy.ts";

const settings = { autoRestart: true, fatalMax: 5, initialMs: 1_000, maxMs: 60_000 };
const crash: HostCrash = { host: 7, culprit: null, kind: "crashed", others: 0, nowMs: 0, random: 0.5 };

function works(count: number): CrashedWork[] {
  return Array.from({ length: count }, (_, task) => ({ key: `task c ${task}`, history: NO_CRASHES, ranMs: 60_000 }));
}

const ranLong = (after: readonly AfterCrash[]): CrashedWork[] => after.map((each) => ({ ...each, ranMs: 60_000 }));

function groups(after: readonly AfterCrash[]): (string | null)[] {
  return after.map(({ history }) => history.group);
}

test("afterCrash starts the others at once where they were when one was seen at fault, and gives that one its own host", () => {
  const after = afterCrash({ ...crash, culprit: "task c 1" }, works(3), settings);
  assert.deepEqual(
    after.map(({ delayMs }) => delayMs),
    [50, 1_000, 50],
  );
  assert.deepEqual(groups(after), [null, "only task c 1", null]);
  assert.deepEqual(after[0]?.history, NO_CRASHES);
});

test("afterCrash fails what crashes its host too often within an hour, and at once when nothing restarts by itself", () => {
  let [work] = works(1);
  const delays: (number | null)[] = [];
  for (let i = 0; i < 6; i++) {
    const [after] = afterCrash({ ...crash, nowMs: i * 600_000 }, [work!], settings);
    delays.push(after!.delayMs);
    work = { ...after!, ranMs: 60_000 };
  }
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, null]);
  const [later] = afterCrash({ ...crash, nowMs: 10_000_000 }, [work!], settings);
  assert.equal(later?.delayMs, 1_000, "an hour later it is forgotten");
  const [never] = afterCrash(crash, works(1), { ...settings, autoRestart: false });
  assert.equal(never?.delayMs, null);
});

test("afterCrash parts suspects from the second crash on, until the one at fault is alone", () => {
  let left = works(16);
  const sizes: number[] = [];
  for (let i = 0; i < 3; i++) {
    const after = afterCrash({ ...crash, host: i, nowMs: i * 1_000 }, left, settings);
    const guilty = after.find(({ key }) => key === "task c 9")!;
    left = ranLong(after.filter(({ history }) => history.group === guilty.history.group));
    sizes.push(left.length);
  }
  assert.deepEqual(sizes, [16, 4, 1]);
  assert.deepEqual(left[0]?.history.guiltyAtMs, [], "nobody is failed for what another may have done");
  const [alone] = afterCrash({ ...crash, nowMs: 4_000 }, left, settings);
  assert.deepEqual(alone?.history.guiltyAtMs, [4_000]);
});

test("afterCrash parts those that had just come from those that ran for longer, and leaves these where they were", () => {
  const [old, ...newcomers] = works(4);
  const came = newcomers.map((each) => ({ ...each, ranMs: 9_000 }));
  const after = afterCrash(crash, [old!, ...came], settings);
  assert.deepEqual(groups(after), [null, "part 1 of host 7", "part 1 of host 7", "part 1 of host 7"]);
  assert.deepEqual(groups(afterCrash(crash, came, settings)), [null, null, null], "once says nothing among equals");
});

test("afterCrash parts suspects at once when their host stood still", () => {
  const after = afterCrash({ ...crash, kind: "blocked" }, works(2), settings);
  assert.deepEqual(groups(after), ["part 1 of host 7", "part 2 of host 7"]);
});

test("afterCrash gives every part work, and forgets a suspicion after ten minutes", () => {
  const twice = (count: number, gapMs: number) =>
    afterCrash({ ...crash, nowMs: gapMs }, ranLong(afterCrash(crash, works(count), settings)), settings);
  for (const count of [2, 3, 4, 5, 7, 100]) {
    assert.equal(new Set(groups(twice(count, 1_000))).size, Math.min(4, count));
  }
  assert.deepEqual(groups(twice(3, 600_000)), [null, null, null]);
});

test("afterCrash waits longer the more often hosts end within a minute, less so when they are killed from outside", () => {
  const delays = (kind: HostCrash["kind"], gapMs: number) => {
    let left = works(2);
    return Array.from({ length: 8 }, (_, i) => {
      const after = afterCrash({ ...crash, kind, nowMs: i * gapMs }, left, settings);
      left = ranLong(after);
      return after[0]!.delayMs;
    });
  };
  assert.deepEqual(delays("crashed", 100), [50, 100, 200, 400, 800, 1_600, 3_200, 6_400]);
  assert.deepEqual(delays("killed", 100), [50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
  assert.deepEqual(delays("crashed", 61_000), Array(8).fill(50));
});

test("afterCrash blames nobody who was alone in a host that was killed, or with work that was being stopped", () => {
  for (const given of [{ kind: "killed" as const }, { others: 1 }]) {
    const [after] = afterCrash({ ...crash, ...given }, works(1), settings);
    assert.deepEqual([after?.history.guiltyAtMs, after?.history.group, after?.delayMs], [[], null, 50]);
  }
});
