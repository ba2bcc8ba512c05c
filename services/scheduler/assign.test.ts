import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorRecord, WorkReport } from "@millrace/protocol";
import fc from "fast-check";
import { type Absence, absences } from "./absence.ts";
import { type Assigned, type AssignInput, assign } from "./assign.ts";
import { type Member, type Placement, type Presence, workKey } from "./model.ts";

const options = { exactlyOnce: false, releaseTimeoutMs: 10_000, rebalanceDelayMs: 0 };

function record(name: string, tasks: number, version = 1, tasksVersion = tasks === 0 ? 0 : 1): ConnectorRecord {
  const configs = Array.from({ length: tasks }, () => ({}));
  const target = { targetState: "STARTED" as const, revision: 1 };
  return {
    name,
    config: {},
    passwords: [],
    version,
    tasks: { version: tasksVersion, configVersion: version, configs },
    ...target,
  };
}

function desiredOf(...records: ConnectorRecord[]): Map<string, ConnectorRecord> {
  return new Map(records.map((each) => [each.name, each]));
}

/** A cluster of runners that do as told, seen from the leader. */
class Cluster {
  input: AssignInput;
  presence = new Map<string, Presence>();
  stuck = new Map<string, WorkReport>();
  extraReports = new Map<string, WorkReport[]>();
  busy = new Map<string, number>();
  workerIds = new Map<string, string>();
  absent: ReadonlyMap<string, Absence> = new Map();
  last: Assigned;

  constructor(runners: readonly string[], overrides: Partial<AssignInput["options"]> = {}) {
    for (const runner of runners) this.presence.set(runner, "live");
    const none = { connectors: new Map(), placements: new Map(), releases: new Map(), rounds: [] };
    this.last = none;
    const roster = { epoch: 1, members: new Map(), presence: this.presence };
    const base = { absent: this.absent, joining: new Set<string>(), fenced: new Map(), nowMs: 0, sequence: 1 };
    this.input = {
      scope: null,
      elsewhere: new Map(),
      desired: new Map(),
      ...none,
      roster,
      ...base,
      options: { ...options, ...overrides },
    };
  }

  tick(change: Partial<Pick<AssignInput, "desired" | "joining" | "nowMs" | "fenced">> = {}): Assigned {
    const { connectors, placements, releases } = this.last;
    const sequence = this.input.sequence + 1;
    const roster = { epoch: 1, members: this.#members(), presence: this.presence };
    const joining = new Set<string>();
    const { nowMs } = { ...this.input, ...change };
    this.absent = absences({ before: this.absent, placements, statuses: new Map(), roster, nowMs });
    const known = { connectors, placements, releases, roster, absent: this.absent, sequence };
    this.input = { ...this.input, joining, ...change, ...known };
    this.last = assign(this.input);
    return this.last;
  }

  /** Ticks until nothing changes any more. */
  converge(change: Parameters<Cluster["tick"]>[0] = {}): Assigned {
    this.tick(change);
    for (let i = 0; i < 5; i++) this.tick();
    return this.last;
  }

  #members(): Map<string, Member> {
    const applied = { epoch: 1, sequence: this.input.sequence };
    return new Map(
      [...this.presence].map(([runner]) => {
        const own = [...this.last.placements.values()].filter(
          (each) => each.runner === runner && each.phase === "assigned",
        );
        const reports = [...own.map(toReport), ...(this.extraReports.get(runner) ?? [])];
        const byKey = new Map(reports.map((report) => [workKey(report), report]));
        const workerId = this.workerIds.get(runner) ?? runner;
        const said = { workerId, hosts: 1, busy: this.busy.get(runner) ?? 0, draining: false, left: false };
        const rest = { ...said, lastHeardMs: 0, applied, number: null };
        return [runner, { runner, ...rest, reports: byKey }];
      }),
    );
  }

  where(): Record<string, string> {
    const placed = [...this.last.placements.values()].filter(({ phase }) => phase === "assigned");
    return Object.fromEntries(placed.map((each) => [`${each.connector}${each.task ?? ""}`, each.runner]));
  }
}

function toReport({ connector, task, generation, restart }: Placement): WorkReport {
  return { connector, task, generation, restart, state: "RUNNING", active: true, trace: null, version: null };
}

test("assign spreads connectors and tasks apart from each other, the same way each time", () => {
  const cluster = new Cluster(["r1", "r2"]);
  cluster.converge({ desired: desiredOf(record("b", 2), record("a", 1)) });
  assert.deepEqual(cluster.where(), { a: "r1", a0: "r2", b: "r2", b0: "r1", b1: "r1" });
});

test("assign gives work to the less busy of two runners with as much of it, by the difference that counts", () => {
  const cluster = new Cluster(["r1", "r2", "r3"]);
  cluster.busy = new Map([
    ["r1", 0.9],
    ["r2", 0.42],
    ["r3", 0.4],
  ]);
  cluster.converge({ desired: desiredOf(record("a", 2)) });
  assert.deepEqual(cluster.where(), { a: "r2", a0: "r3", a1: "r2" });
  cluster.busy = new Map([["r2", 0.9]]);
  cluster.converge();
  assert.deepEqual(cluster.where(), { a: "r2", a0: "r3", a1: "r2" }, "nothing moves for it");
});

test("assign leaves a lost runner's work for the delay, unless it should not be any more", () => {
  const cluster = new Cluster(["r1", "r2"], { rebalanceDelayMs: 60_000 });
  cluster.converge({ desired: desiredOf(record("a", 2), record("b", 2)), nowMs: 1_000 });
  const before = cluster.where();
  cluster.presence.set("r1", "lost");
  cluster.converge({ nowMs: 2_000 });
  assert.deepEqual(cluster.where(), before);
  cluster.converge({ desired: desiredOf(record("a", 2, 1, 2)), nowMs: 3_000 });
  assert.deepEqual(cluster.where(), { ...(before.a === "r1" ? { a: "r1" } : { a: "r2" }), a0: "r2", a1: "r2" });
  cluster.converge({ nowMs: 61_999 });
  assert.equal(Object.values(cluster.where()).includes("r1"), before.a === "r1");
  cluster.converge({ nowMs: 62_000 });
  assert.deepEqual(cluster.where(), { a: "r2", a0: "r2", a1: "r2" });
});

test("assign gives a lost runner its work back when it returns within the delay", () => {
  const cluster = new Cluster(["r1", "r2"], { rebalanceDelayMs: 60_000 });
  cluster.converge({ desired: desiredOf(record("a", 4)) });
  const before = cluster.where();
  cluster.presence.set("r1", "lost");
  cluster.converge({ nowMs: 30_000 });
  cluster.presence.set("r1", "live");
  cluster.converge({ nowMs: 31_000, joining: new Set(["r1"]) });
  cluster.converge({ nowMs: 100_000 });
  assert.deepEqual(cluster.where(), before);
});

test("assign gives a lost runner's work to the one that comes with its worker id, at once", () => {
  for (const rebalanceDelayMs of [0, 60_000]) {
    const cluster = new Cluster(["r1", "r2"], { rebalanceDelayMs });
    cluster.converge({ desired: desiredOf(record("a", 3), record("b", 3)) });
    const before = cluster.where();
    cluster.workerIds.set("r1-again", "r1");
    cluster.presence.set("r1", "lost").set("r1-again", "live");
    cluster.converge({ joining: new Set(["r1-again"]) });
    const expected = Object.entries(before).map(([item, runner]) => [item, runner === "r1" ? "r1-again" : runner]);
    assert.deepEqual(cluster.where(), Object.fromEntries(expected));
  }
});

test("assign places nothing without a live runner", () => {
  const cluster = new Cluster([]);
  assert.equal(cluster.tick({ desired: desiredOf(record("a", 1)) }).placements.size, 0);
  cluster.presence.set("r1", "draining");
  assert.equal(cluster.tick().placements.size, 0);
});

test("assign gives a connector's new config to where it runs, and takes no task for it", () => {
  const cluster = new Cluster(["r1", "r2"]);
  cluster.converge({ desired: desiredOf(record("a", 1)) });
  const before = cluster.where();
  const { placements } = cluster.tick({ desired: desiredOf({ ...record("a", 1), version: 2 }) });
  assert.equal(placements.get("c:a")?.generation, 2);
  assert.deepEqual(cluster.where(), before);
});

test("assign lets no task of a new generation run while an old one is held, even with another number", () => {
  const cluster = new Cluster(["r1", "r2"]);
  cluster.converge({ desired: desiredOf(record("a", 2)) });
  cluster.extraReports.set("r1", [toReport(cluster.last.placements.get("0:a")!)]);
  const { placements } = cluster.converge({ desired: desiredOf(record("a", 2, 1, 2)) });
  assert.equal(placements.get("0:a")?.phase, "releasing");
  assert.equal(placements.get("1:a"), undefined);
  cluster.extraReports.clear();
  cluster.tick();
  assert.deepEqual(
    [...cluster.last.placements.values()].map(({ generation }) => generation),
    [1, 2, 2],
  );
});

test("assign does not take silence for release before the runner has applied the assignment without the work", () => {
  const cluster = new Cluster(["r1"]);
  cluster.converge({ desired: desiredOf(record("a", 1)) });
  const { placements } = cluster.tick({ desired: desiredOf(record("a", 1, 1, 2)) });
  const releasing = placements.get("0:a");
  assert.equal(releasing?.phase, "releasing");
  const release = cluster.last.releases.get("0:a");
  assert.equal(release?.sequence, cluster.input.sequence);
});

test("assign goes on without what was not released in the bounded time", () => {
  const cluster = new Cluster(["r1", "r2"]);
  cluster.converge({ desired: desiredOf(record("a", 1)) });
  cluster.extraReports.set("r1", [toReport(cluster.last.placements.get("0:a")!)]);
  cluster.extraReports.set("r2", [toReport(cluster.last.placements.get("0:a")!)]);
  cluster.converge({ desired: desiredOf(record("a", 1, 1, 2)) });
  assert.equal(cluster.last.placements.get("0:a")?.phase, "releasing");
  cluster.tick({ nowMs: options.releaseTimeoutMs });
  assert.deepEqual(
    [cluster.last.placements.get("0:a")?.phase, cluster.last.placements.get("0:a")?.generation],
    ["assigned", 2],
  );
});

test("assign with exactly-once asks for a round per Connect's table, and places tasks after it", () => {
  const cluster = new Cluster(["r1"], { exactlyOnce: true });
  const taskCount = () => cluster.last.connectors.get("a")?.taskCountRecord;
  cluster.converge({ desired: desiredOf(record("a", 3)) });
  assert.deepEqual([cluster.last.rounds, taskCount(), cluster.last.placements.size], [[], 3, 4]);
  cluster.converge({ desired: desiredOf(record("a", 1, 1, 2)) });
  assert.deepEqual(cluster.last.rounds, [{ connector: "a", generation: 2, tasks: 3, config: {} }]);
  assert.deepEqual([taskCount(), cluster.last.placements.size], [3, 1]);
  cluster.tick({ fenced: new Map([["a", 1]]) });
  assert.equal(taskCount(), 3, "a round for an older generation counts for nothing");
  cluster.tick({ fenced: new Map([["a", 2]]) });
  assert.deepEqual([cluster.last.rounds, taskCount(), cluster.last.placements.get("0:a")?.generation], [[], 1, 2]);
  cluster.converge({ desired: desiredOf(record("a", 1, 1, 3)) });
  assert.deepEqual([cluster.last.rounds, cluster.last.placements.get("0:a")?.generation], [[], 3], "1 to 1");
  cluster.converge({ desired: desiredOf(record("a", 2, 1, 4)) });
  assert.equal(cluster.last.rounds[0]?.tasks, 1);
});

test("assign with exactly-once keeps the record of a deleted connector and fences for the next of its name", () => {
  const cluster = new Cluster(["r1"], { exactlyOnce: true });
  cluster.converge({ desired: desiredOf(record("a", 2)) });
  cluster.converge({ desired: new Map() });
  assert.equal(cluster.last.placements.size, 0);
  cluster.converge({ desired: desiredOf(record("a", 1, 2, 2)) });
  assert.equal(cluster.last.rounds[0]?.tasks, 2);
});

test("assign does not bring back older tasks when its cache lags behind the store", () => {
  const cluster = new Cluster(["r1"]);
  cluster.converge({ desired: desiredOf(record("a", 1, 1, 5)) });
  cluster.converge({ desired: desiredOf(record("a", 1, 1, 4)) });
  assert.equal(cluster.last.connectors.get("a")?.generation, 1);
});

test("assign leaves work with a runner that comes back, unless two claim it or it is of an old generation", () => {
  const cluster = new Cluster(["r1", "r2"]);
  cluster.converge({ desired: desiredOf(record("a", 1)) });
  const placement = cluster.last.placements.get("0:a")!;
  const forgotten = new Map(cluster.last.placements);
  forgotten.delete("0:a");
  const claims = (reports: Record<string, WorkReport[]>) => {
    cluster.last = { ...cluster.last, placements: forgotten, releases: new Map() };
    cluster.extraReports = new Map(Object.entries(reports));
    return cluster.tick().placements.get("0:a");
  };
  const report = { ...toReport(placement), restart: 4 };
  assert.deepEqual(claims({ r2: [report] }), { ...placement, runner: "r2", restart: 4, phase: "assigned" });
  assert.equal(claims({ r1: [report], r2: [report] })?.phase, "releasing");
  assert.equal(claims({ r2: [{ ...report, generation: 0 }] })?.phase, "releasing");
});

const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), { minLength: 1, maxLength: 8 });
const connectors = names.chain((list) =>
  fc.tuple(...list.map((name) => fc.integer({ min: 0, max: 6 }).map((tasks) => record(name, tasks)))),
);
const runnerNames = fc.integer({ min: 1, max: 5 }).map((count) => Array.from({ length: count }, (_, i) => `r${i}`));

function spread(cluster: Cluster, isKind: (placement: Placement) => boolean): number {
  const counts = [...cluster.presence.keys()].map(
    (runner) => [...cluster.last.placements.values()].filter((each) => each.runner === runner && isKind(each)).length,
  );
  return Math.max(...counts) - Math.min(...counts);
}

function assertBalanced(cluster: Cluster): void {
  assert.ok(spread(cluster, ({ task }) => task === null) <= 1);
  assert.ok(spread(cluster, ({ task }) => task !== null) <= 1);
}

test("assign balances from nothing, and again with the fewest moves when a runner joins", () => {
  fc.assert(
    fc.property(connectors, runnerNames, (records, runners) => {
      const cluster = new Cluster(runners);
      cluster.converge({ desired: desiredOf(...records) });
      assertBalanced(cluster);
      const before = cluster.where();
      cluster.presence.set("new", "live");
      cluster.converge({ joining: new Set(["new"]) });
      assertBalanced(cluster);
      const moved = Object.entries(cluster.where()).filter(([item, runner]) => before[item] !== runner);
      assert.ok(moved.every(([, runner]) => runner === "new"));
      assert.equal(Object.keys(cluster.where()).length, Object.keys(before).length);
    }),
  );
});

test("assign touches no other connector's work when one is added, changed or deleted", () => {
  const change = fc.constantFrom("add", "config", "tasks", "delete");
  fc.assert(
    fc.property(connectors, runnerNames, change, fc.boolean(), (records, runners, kind, exactlyOnce) => {
      const cluster = new Cluster(runners, { exactlyOnce });
      const desired = desiredOf(...records);
      const before = cluster.converge({ desired }).placements;
      const touched = kind === "add" ? "new" : records[0]!.name;
      const next = new Map(desired);
      if (kind === "add") next.set("new", record("new", 3));
      if (kind === "config") next.set(touched, { ...records[0]!, version: 2 });
      if (kind === "tasks") next.set(touched, record(touched, 4, 1, 2));
      if (kind === "delete") next.delete(touched);
      const others = ({ placements }: Pick<Assigned, "placements">) =>
        [...placements.values()].filter(({ connector }) => connector !== touched);
      cluster.tick({ desired: next });
      assert.deepEqual(others(cluster.last), others({ placements: before }));
      cluster.converge();
      assert.deepEqual(others(cluster.last), others({ placements: before }));
    }),
  );
});

test("assign gives everything that should run exactly one live runner, whoever comes and goes", () => {
  const step = fc.record({
    runner: fc.integer({ min: 0, max: 4 }),
    is: fc.constantFrom<Presence>("live", "draining", "lost"),
  });
  fc.assert(
    fc.property(connectors, fc.array(step, { maxLength: 8 }), (records, steps) => {
      const cluster = new Cluster(["r0"]);
      cluster.converge({ desired: desiredOf(...records) });
      for (const { runner, is } of steps) {
        const name = `r${runner}`;
        const isNew = is === "live" && cluster.presence.get(name) !== "live";
        cluster.presence.set(name, is);
        cluster.tick({ joining: new Set(isNew ? [name] : []) });
      }
      cluster.presence.set("r0", "live");
      cluster.converge();
      const items = records.flatMap(({ name, tasks }) => [name, ...tasks.configs.map((_, task) => `${name}${task}`)]);
      const where = cluster.where();
      assert.deepEqual(Object.keys(where).sort(), items.sort());
      for (const runner of Object.values(where)) assert.equal(cluster.presence.get(runner), "live");
    }),
  );
});
