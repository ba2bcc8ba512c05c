import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assignment, Work } from "@millrace/protocol";
import { type AssignedWork, takeAssignment } from "./assigned-work.ts";
import { connectorWork, taskWork } from "./testing/host-fixture.ts";

function message(epoch: number, sequence: number, work: Work[], change: Partial<Assignment> = {}): Assignment {
  return { runner: "r", epoch, sequence, since: null, work, gone: [], ...change };
}

function taken(known: AssignedWork | null, assignment: Assignment): AssignedWork {
  const outcome = takeAssignment(known, assignment);
  assert.ok(outcome.is === "newer", outcome.is);
  return outcome.assigned;
}

const keysOf = ({ work }: AssignedWork) => [...work.keys()].join(", ");
const whole = taken(null, message(2, 5, [connectorWork(), taskWork()]));

test("takeAssignment takes whole state in place of all there was, of a later sequence or epoch only (I11)", () => {
  assert.equal(keysOf(taken(whole, message(2, 6, [taskWork({ task: 1 })]))), "task c 1");
  assert.equal(keysOf(taken(whole, message(3, 1, []))), "");
  for (const [epoch, sequence] of [
    [2, 5],
    [2, 4],
    [1, 99],
  ] as const) {
    assert.deepEqual(takeAssignment(whole, message(epoch, sequence, [])), { is: "older" });
    assert.deepEqual(takeAssignment(whole, message(epoch, sequence, [], { since: 1 })), { is: "older" });
  }
});

test("takeAssignment puts changes on top of what they were made for, or of what came after that", () => {
  const gone = [{ connector: "c", task: null }];
  const changes = message(2, 8, [taskWork({ generation: 2 }), taskWork({ task: 1 })], { since: 5, gone });
  const next = taken(whole, changes);
  assert.equal(keysOf(next), "task c 0, task c 1");
  assert.deepEqual(next.work.get("task c 0"), taskWork({ generation: 2 }));
  assert.deepEqual([next.epoch, next.sequence], [2, 8]);
  const between = taken(whole, message(2, 7, [taskWork({ task: 1 })], { since: 5 }));
  assert.deepEqual(new Map([...taken(between, changes).work].sort()), new Map([...next.work].sort()));
});

test("takeAssignment takes no changes to what has not been applied here", () => {
  const changes = (epoch: number, since: number) => message(epoch, 9, [taskWork({ task: 1 })], { since });
  assert.deepEqual(takeAssignment(whole, changes(2, 6)), { is: "unfit" });
  assert.deepEqual(takeAssignment(whole, changes(3, 5)), { is: "unfit" });
  assert.deepEqual(takeAssignment(null, changes(2, 5)), { is: "unfit" });
});
