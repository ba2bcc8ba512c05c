import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorRecord, WorkReport } from "@millrace/protocol";
import { type Desired, type Member, type Placement, type Status, workKey } from "./model.ts";
import { observe } from "./observe.ts";

const record: ConnectorRecord = {
  ...{ name: "c", config: {}, passwords: [], version: 1, targetState: "STARTED", revision: 1 },
  tasks: { version: 1, configVersion: 1, configs: [{}] },
};
const desired: Desired = new Map([["c", record]]);
const placement: Placement = { connector: "c", task: 0, runner: "r1", generation: 2, restart: 1, phase: "assigned" };
const running: WorkReport = {
  ...{ connector: "c", task: 0, generation: 2, restart: 1, active: true, trace: null, version: "1.0" },
  state: "RUNNING",
};
const status: Status = {
  ...{ connector: "c", task: 0, runner: "r1", workerId: "w1", version: "1.0", trace: null, generation: 2, restart: 1 },
  state: "RUNNING",
  restarts: null,
};

interface Given {
  readonly desired?: Desired;
  readonly placement?: Placement | null;
  readonly before?: Status | null;
  readonly report?: WorkReport | null;
  /** Its runner is lost, and the work waits for it. */
  readonly absent?: boolean;
}

function statusAfter(given: Given): Status | undefined {
  const { before = null, report = null } = given;
  const placed = given.placement === undefined ? placement : given.placement;
  const item = placed ?? status;
  const member: Member = {
    ...{ runner: "r1", workerId: "w1", hosts: 1, busy: 0, lastHeardMs: 0, draining: false, left: false, applied: null },
    number: null,
    reports: new Map(report ? [[workKey(report), report]] : []),
  };
  return observe({
    desired: given.desired ?? desired,
    placements: new Map(placed ? [[workKey(placed), placed]] : []),
    statuses: new Map(before ? [[workKey(before), before]] : []),
    members: given.absent ? new Map() : new Map([["r1", member]]),
    absent: given.absent ? new Map([["r1", { sinceMs: 0, workerId: "w1" }]]) : new Map(),
  }).get(workKey(item));
}

const gone: Desired = new Map();
const unassigned: Status = { ...status, state: "UNASSIGNED" };
const restarting: Status = { ...status, state: "RESTARTING" };
const starting: WorkReport = { ...running, state: "UNASSIGNED" };
const releasing: Placement = { ...placement, phase: "releasing" };
const restarts = { count: 2, reason: "retriable: connection lost", nextMs: 1_700_000_000_000 };
const again: WorkReport = { ...running, state: "RESTARTING", trace: "lost", restarts };
const restarted: Status = { ...status, state: "RESTARTING", trace: "lost", restarts };
const failed: WorkReport = { ...running, state: "FAILED", active: false, trace: "boom" };

const cases: readonly (readonly [name: string, given: Given, expected: Status | undefined])[] = [
  ["a first placement is UNASSIGNED at its runner", {}, { ...unassigned, version: null }],
  ["work that waits for its lost runner is UNASSIGNED", { before: status, absent: true }, unassigned],
  ["a report counts", { before: unassigned, report: running }, status],
  ["a failure keeps its trace", { before: status, report: failed }, { ...status, state: "FAILED", trace: "boom" }],
  [
    "a report of another generation is dropped",
    { before: unassigned, report: { ...failed, generation: 1 } },
    unassigned,
  ],
  ["a report of an earlier start is dropped", { before: restarting, report: { ...failed, restart: 0 } }, restarting],
  ["a restart that is under way stays RESTARTING", { before: restarting, report: starting }, restarting],
  ["a restart ends with RUNNING", { before: restarting, report: running }, status],
  ["an automatic restart is told", { before: status, report: again }, restarted],
  [
    "automatic restarts are counted anew when a user restarts",
    { before: { ...status, restart: 0, restarts } },
    unassigned,
  ],
  ["automatic restarts are counted anew elsewhere", { before: { ...status, runner: "r2", restarts } }, unassigned],
  ["without a runner there are no automatic restarts", { placement: null, before: restarted }, unassigned],
  ["a new generation starts UNASSIGNED", { before: { ...status, generation: 1 } }, unassigned],
  ["taken away but wanted is UNASSIGNED", { placement: releasing, before: status, report: running }, unassigned],
  [
    "without a runner it is UNASSIGNED, and its trace is gone",
    { placement: null, before: { ...status, state: "FAILED", trace: "x" } },
    unassigned,
  ],
  ["never placed has none", { placement: null }, undefined],
  ["deleted stays while a runner has it", { desired: gone, placement: releasing, before: status }, status],
  ["deleted and released vanishes", { desired: gone, placement: null, before: status }, undefined],
];

for (const [name, given, expected] of cases) {
  test(`observe: ${name}`, () => assert.deepEqual(statusAfter(given), expected));
}

test("observe keeps a connector's state while its new config is on its way, but not its automatic restarts", () => {
  const own = { task: null, generation: 2, restart: 0 };
  const before: Status = { ...status, ...own, generation: 1, restarts };
  const after = { ...before, generation: 2, restarts: null };
  assert.deepEqual(statusAfter({ placement: { ...placement, ...own }, before }), after);
});

test("observe keeps the identity of what did not change", () => {
  assert.equal(statusAfter({ before: status, report: running }), status);
  const copy = { ...again, restarts: { ...restarts } };
  assert.equal(statusAfter({ before: restarted, report: copy }), restarted);
});
