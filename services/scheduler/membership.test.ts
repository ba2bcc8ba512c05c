import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anyGone,
  forgetLost,
  type Heartbeat,
  hear,
  heardLast,
  heardUntilMs,
  hearsNobody,
  type Members,
  membersFromStore,
  presence,
} from "./membership.ts";

const SESSION_MS = 10_000;

function beat(runner: string, change: Partial<Heartbeat> = {}): Heartbeat {
  const said = { workerId: runner, hosts: 1, draining: false, leaving: false, applied: null };
  return { runner, ...said, since: null, work: [], gone: [], ...change };
}

const at = (nowMs: number) => ({ nowMs, sessionTimeoutMs: SESSION_MS, epoch: 1 });

function heard(members: Members, heartbeat: Heartbeat, nowMs = 0): Members {
  return hear(members, heartbeat, at(nowMs)).members;
}

function presences(members: Members, nowMs = 0): Record<string, string> {
  return Object.fromEntries([...members].map(([runner, member]) => [runner, presence(member, nowMs, SESSION_MS)]));
}

const none: Members = new Map();
const applied = { epoch: 1, sequence: 1 };
const report = {
  ...{ connector: "c", task: 0, generation: 1, restart: 0, active: true, trace: null, version: null },
  state: "RUNNING",
} as const;

test("presence is live within the session, lost after it, draining and lost when said", () => {
  const members = heard(heard(heard(none, beat("a")), beat("b", { draining: true })), beat("c", { leaving: true }));
  assert.deepEqual(presences(members, SESSION_MS), { a: "live", b: "draining", c: "lost" });
  assert.deepEqual(presences(members, SESSION_MS + 1), { a: "lost", b: "lost", c: "lost" });
});

test("membersFromStore gives everyone a full session from now", () => {
  const members = membersFromStore([{ runner: "a", workerId: "a", hosts: 1, heartbeatMs: 0 }], 50_000);
  assert.deepEqual(presences(members, 50_000 + SESSION_MS), { a: "live" });
});

test("hear gives those who were not heard either time after a silence of everybody, and less after a short one", () => {
  const two = heard(heard(none, beat("a")), beat("b"), 900);
  assert.equal(hearsNobody(two, 5_900, SESSION_MS), false);
  assert.equal(hearsNobody(two, 5_901, SESSION_MS), true);
  assert.equal(forgetLost(two, 60_000, SESSION_MS), two);
  assert.deepEqual(presences(heard(two, beat("b"), 60_000), 70_000), { a: "live", b: "live" });
  const short = heard(two, beat("b"), 10_900);
  assert.deepEqual(presences(short, 14_900), { a: "live", b: "live" });
  assert.deepEqual(presences(short, 14_901), { a: "lost", b: "live" });
});

test("hear does not keep a dead runner alive through one that beats seldom", () => {
  let members = heard(heard(none, beat("dead")), beat("slow"));
  let nowMs = 0;
  while (presences(members, nowMs).dead === "live" || hearsNobody(members, nowMs, SESSION_MS)) {
    nowMs += 100;
    if (nowMs % 7_000 === 0) members = heard(members, beat("slow"), nowMs);
    assert.ok(nowMs < 4 * SESSION_MS);
  }
});

test("anyGone tells of runners that were lost, left, or were replaced, once", () => {
  const one = heard(none, beat("a", { workerId: "w" }));
  assert.equal(anyGone(one, heard(one, beat("a", { workerId: "w" }))), false);
  const replaced = heard(one, beat("b", { workerId: "w" }));
  assert.equal(anyGone(one, replaced), true);
  assert.equal(anyGone(replaced, forgetLost(replaced, SESSION_MS - 1, SESSION_MS)), false);
  assert.equal(anyGone(one, new Map()), true);
});

test("hear lets a new runner with a known worker id replace the old one at once", () => {
  const members = heard(heard(none, beat("old", { workerId: "w" })), beat("new", { workerId: "w" }));
  assert.deepEqual(presences(members), { old: "lost", new: "live" });
  assert.equal(hear(members, beat("old", { workerId: "w", applied }), at(0)).accepted, false);
});

test("hear tells the older of two by what it has applied when a new leader knows only the newer", () => {
  const members = membersFromStore([{ runner: "new", workerId: "w", hosts: 1, heartbeatMs: 0 }], 0);
  const zombie = hear(members, beat("old", { workerId: "w", applied }), at(0));
  assert.deepEqual([zombie.accepted, presences(zombie.members)], [false, { new: "live" }]);
});

test("hear does not let a late heartbeat bring back one who left, until its session is over", () => {
  const left = heard(heard(none, beat("a")), beat("a", { leaving: true }));
  const late = hear(left, beat("a"), at(1));
  assert.deepEqual([late.accepted, late.changed], [false, false]);
  assert.equal(forgetLost(left, SESSION_MS + 1, SESSION_MS).size, 0);
});

test("hear finds a change in work, state, applied sequence and draining, and none in a repeated heartbeat", () => {
  const first = beat("a", { work: [report] });
  const members = heard(heard(none, first), first);
  const isChange = (change: Partial<Heartbeat>) => hear(members, { ...first, ...change }, at(1)).changed;
  assert.equal(isChange({}), false);
  assert.equal(isChange({ work: [] }), true);
  assert.equal(isChange({ work: [{ ...report, state: "FAILED" }] }), true);
  assert.equal(isChange({ work: [{ ...report, active: false }] }), true);
  assert.equal(isChange({ work: [{ ...report, task: 1 }] }), true);
  assert.equal(isChange({ applied }), true);
  assert.equal(isChange({ draining: true }), true);
  assert.equal(isChange({ leaving: true }), true);
});

test("heardUntilMs: one is lost when another was heard a whole session later, not when all fall silent before", () => {
  let members = heard(heard(none, beat("early")), beat("late"));
  for (const ms of [4_900, 9_500]) members = heard(members, beat("late"), ms);
  const untilMs = heardUntilMs(members, 10_500);
  assert.deepEqual(presences(members, untilMs), { early: "live", late: "live" }, "nobody was heard since");
  assert.equal(forgetLost(members, 10_500, SESSION_MS).size, 2);
  const later = heard(members, beat("late"), 10_600);
  assert.deepEqual(presences(later, heardUntilMs(later, 10_600)), { early: "lost", late: "live" });
  assert.equal(forgetLost(later, 10_600, SESSION_MS).size, 1);
});

test("hear takes changes on top of what it knows by the heartbeat they were made for, and no other", () => {
  const other = { ...report, connector: "d" };
  const first = beat("a", { number: 7, work: [report, other], applied });
  const members = heard(none, first);
  const change = { work: [{ ...report, state: "FAILED" as const }], gone: [{ connector: "d", task: 0 }] };
  const said = (number: number, since: Heartbeat["since"]) => {
    return hear(members, beat("a", { number, since, ...change, applied: { epoch: 1, sequence: 2 } }), at(500));
  };
  const next = said(9, { epoch: 1, number: 7 });
  assert.deepEqual([next.understood, next.changed, next.touched], [true, true, new Set(["c", "d"])]);
  const member = next.members.get("a")!;
  assert.deepEqual(
    [...member.reports!].map(([key, { state }]) => `${key} ${state}`),
    ["0:c FAILED"],
  );
  assert.deepEqual([member.number, member.applied?.sequence, member.lastHeardMs], [9, 2, 500]);
  for (const [number, since] of [
    [9, { epoch: 1, number: 8 }],
    [9, { epoch: 1, number: 6 }],
    [9, { epoch: 2, number: 7 }],
    [6, null],
    [7, { epoch: 1, number: 6 }],
  ] as const) {
    const ignored = said(number, since);
    assert.deepEqual([ignored.accepted, ignored.changed], [true, false], `${number}`);
    assert.equal(ignored.understood, number === 7, "only the very one that is known needs no other");
    const kept = ignored.members.get("a")!;
    assert.deepEqual(
      [kept.reports?.size, kept.applied, kept.lastHeardMs],
      [2, applied, 500],
      "it is there all the same",
    );
  }
});

test("hear gives no place to one of whom it knows nothing but changes, and lets it leave all the same", () => {
  const since = { epoch: 1, number: 7 };
  const unknown = hear(none, beat("a", { number: 8, since, applied }), at(0));
  assert.deepEqual([unknown.accepted, unknown.understood, unknown.members.size], [true, false, 0]);
  const stored = membersFromStore([{ runner: "a", workerId: "a", hosts: 1, heartbeatMs: 0 }], 0);
  const beginning = hear(stored, beat("a", { number: 8, since, applied }), at(500));
  assert.deepEqual(
    [beginning.understood, beginning.changed, beginning.members.get("a")?.reports],
    [false, false, null],
  );
  const leaving = hear(stored, beat("a", { number: 9, since, leaving: true }), at(500));
  assert.deepEqual([leaving.changed, leaving.touched, leaving.members.get("a")?.left], [true, null, true]);
});

test("heardLast is the runner that was heard last and has not left, another than the one asked before", () => {
  const members = heard(heard(heard(none, beat("a"), 300), beat("b"), 500), beat("c", { leaving: true }), 600);
  assert.equal(heardLast(members, null), "b");
  assert.equal(heardLast(members, "b"), "a");
  assert.equal(heardLast(heard(none, beat("a")), "a"), "a");
  assert.equal(heardLast(none, "a"), null);
});
