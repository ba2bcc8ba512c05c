import assert from "node:assert/strict";
import { test } from "node:test";
import { type AbsencesInput, absences } from "./absence.ts";
import { type Placement, type Status, workKey } from "./model.ts";

const placement: Placement = { connector: "c", task: 0, runner: "r1", generation: 1, restart: 0, phase: "assigned" };
const status: Status = {
  ...{ connector: "c", task: 0, runner: "r1", workerId: "w1", version: null, trace: null, generation: 1, restart: 0 },
  state: "RUNNING",
  restarts: null,
};

function missed(change: Partial<AbsencesInput> = {}): Record<string, unknown> {
  const roster = { epoch: 1, members: new Map(), presence: new Map() };
  const placements = new Map([[workKey(placement), placement]]);
  const known = { before: new Map(), placements, statuses: new Map(), roster, nowMs: 500 };
  return Object.fromEntries(absences({ ...known, ...change }));
}

test("absences counts from when a runner was missed first, and forgets one that is back", () => {
  assert.deepEqual(missed(), { r1: { sinceMs: 500, workerId: null } });
  const before = new Map([["r1", { sinceMs: 100, workerId: "w1" }]]);
  assert.deepEqual(missed({ before }), { r1: { sinceMs: 100, workerId: "w1" } });
  const roster = { epoch: 1, members: new Map(), presence: new Map([["r1", "live" as const]]) };
  assert.deepEqual(missed({ before, roster }), {});
  assert.deepEqual(missed({ before, placements: new Map() }), {});
});

test("absences learns a worker id from statuses, which a new leader finds in the store", () => {
  const statuses = new Map([[workKey(status), status]]);
  assert.deepEqual(missed({ statuses }), { r1: { sinceMs: 500, workerId: "w1" } });
  const elsewhere = new Map([[workKey(status), { ...status, runner: "r0", workerId: "w0" }]]);
  assert.deepEqual(missed({ statuses: elsewhere }), { r1: { sinceMs: 500, workerId: null } });
});
