import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorRecord, WorkReport } from "@millrace/protocol";
import fc from "fast-check";
import type { Absence } from "./absence.ts";
import { diffStates } from "./changes.ts";
import { type Decision, decide, type Presences, presencesOf } from "./decide.ts";
import type { FencingRound } from "./generations.ts";
import { Ledger } from "./ledger.ts";
import { defaultOptions, type Member, type Release, type WorkKey, workKey } from "./model.ts";
import { scopeOf } from "./scope.ts";

const NAMES = ["a", "b", "c", "d"];
const RUNNERS = ["r1", "r2", "r3"];
const EPOCH = 1;
const SESSION_MS = 10_000;
const options = { ...defaultOptions, exactlyOnce: true, sessionTimeoutMs: SESSION_MS };

function recordOf(name: string, version: number, tasks: number, before?: ConnectorRecord): ConnectorRecord {
  const configs = Array.from({ length: tasks }, () => ({}));
  const tasksVersion = (before?.tasks.version ?? 0) + 1;
  const target = { targetState: "STARTED" as const, revision: 1 };
  const own = { version: tasksVersion, configVersion: version, configs };
  return { name, config: {}, passwords: [], version, tasks: own, ...target };
}

/** Runners that do as they are told, but for what is stuck there, seen from a leader that decides on everything at each tick. */
class Cluster {
  readonly ledger = new Ledger({
    connectors: new Map(),
    placements: new Map(),
    statuses: new Map(),
    runners: new Map(),
  });
  readonly desired = new Map<string, ConnectorRecord>();
  readonly stuck = new Map<WorkKey, WorkReport>();
  readonly fenced = new Map<string, number>();
  rounds: readonly FencingRound[] = [];
  releases: ReadonlyMap<WorkKey, Release> = new Map();
  absent: ReadonlyMap<string, Absence> = new Map();
  presences: Presences | null = null;
  heard: ReadonlyMap<string, Member> = new Map();
  sequence = 0;
  nowMs = 0;

  /** Decides on everything, and compares that with a decision on what is concerned by `touched`. @returns what was compared. */
  tick(touched: ReadonlySet<string> | null, present: readonly string[]): ReadonlySet<string> | null {
    this.sequence += 1;
    this.nowMs += 1_000;
    const members = this.#membersOf(present);
    const reported = reportedAnew(this.heard, members);
    this.heard = members;
    const now = presencesOf(members, this.nowMs, SESSION_MS);
    const { releases, absent, presences: before } = this;
    const fencing = [...this.rounds.map(({ connector }) => connector), ...this.fenced.keys()];
    const concerned = touched && new Set([...touched, ...reported]);
    const scope = scopeOf({ touched: concerned, releases, fencing, absent, before, now });
    const whole = this.#decide(null, members);
    if (scope !== null) {
      const part = this.#decide(scope, members);
      assert.deepEqual(sorted(diffStates(this.ledger.of(scope), part.state)), sorted(this.#changes(whole)));
      assert.deepEqual(part.releases, whole.releases);
      assert.deepEqual(part.rounds, whole.rounds);
      assert.deepEqual(part.absent, whole.absent);
    }
    this.ledger.apply(this.#changes(whole));
    const wanted = new Set(whole.rounds.map(({ connector }) => connector));
    for (const connector of this.fenced.keys()) if (!wanted.has(connector)) this.fenced.delete(connector);
    this.rounds = whole.rounds;
    this.releases = whole.releases;
    this.absent = whole.absent;
    this.presences = whole.presences;
    return scope;
  }

  #changes(whole: Decision) {
    return diffStates(this.ledger.whole(), whole.state);
  }

  #decide(scope: ReadonlySet<string> | null, members: ReadonlyMap<string, Member>): Decision {
    const state = scope === null ? this.ledger.whole() : this.ledger.of(scope);
    const desired = new Map([...this.desired].filter(([name]) => scope?.has(name) ?? true));
    const elsewhere = scope === null ? new Map() : this.ledger.loadsBeside(state.placements.values());
    const { releases, absent, fenced, sequence, nowMs } = this;
    const given = { releases, absent, fenced, sequence, nowMs, utcMs: 0 };
    return decide({ scope, elsewhere, state, desired, members, epoch: EPOCH, options, ...given });
  }

  #membersOf(present: readonly string[]): ReadonlyMap<string, Member> {
    const placed = [...this.ledger.whole().placements.values()];
    return new Map(
      present.map((runner) => {
        const own = placed.filter((each) => each.runner === runner && each.phase === "assigned");
        const running = own.map(({ connector, task, generation, restart }): [WorkKey, WorkReport] => {
          const report = { connector, task, generation, restart, state: "RUNNING", active: true } as const;
          return [workKey(report), { ...report, trace: null, version: null }];
        });
        const stuck = [...this.stuck].filter(
          ([key]) => placed.find((each) => workKey(each) === key)?.runner === runner,
        );
        const said = { workerId: runner, hosts: 1, busy: 0, draining: false, left: false, number: null };
        const applied = { epoch: EPOCH, sequence: this.sequence - 1 };
        const reports = new Map([...stuck, ...running]);
        return [runner, { runner, ...said, lastHeardMs: this.nowMs, applied, reports }];
      }),
    );
  }

  /** @returns the connectors of which something is new. */
  happens({ name, what }: Happening): string[] {
    const before = this.desired.get(name);
    const key = workKey({ connector: name, task: 0 });
    if (what === "delete") this.desired.delete(name);
    else if (what === "config") this.desired.set(name, recordOf(name, (before?.version ?? 0) + 1, 1, before));
    else if (typeof what === "number") this.desired.set(name, recordOf(name, before?.version ?? 1, what, before));
    else if (what === "fenced") {
      for (const { connector, generation } of this.rounds) this.fenced.set(connector, generation);
    } else if (this.stuck.delete(key)) return [name];
    else {
      const report = { connector: name, task: 0, generation: 1, restart: 0, state: "RUNNING", active: true } as const;
      this.stuck.set(key, { ...report, trace: null, version: null });
    }
    return [name];
  }
}

/** Connectors of which runners say something else than before. */
function reportedAnew(before: ReadonlyMap<string, Member>, now: ReadonlyMap<string, Member>): string[] {
  return [...now.values()].flatMap(({ runner, reports }) => {
    const old = before.get(runner)?.reports ?? new Map<WorkKey, WorkReport>();
    const all = new Map([...old, ...reports!]);
    const isNew = (key: WorkKey) => JSON.stringify(old.get(key)) !== JSON.stringify(reports!.get(key));
    return [...all].filter(([key]) => isNew(key)).map(([, { connector }]) => connector);
  });
}

/** A number: so many tasks. */
interface Happening {
  readonly name: string;
  readonly what: "config" | "delete" | "stuck" | "fenced" | number;
}

function sorted(changes: ReturnType<typeof diffStates>) {
  const text = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  return Object.entries(changes).map(([kind, rows]: [string, readonly unknown[]]) => [kind, text(rows)]);
}

const happening: fc.Arbitrary<Happening> = fc.record({
  name: fc.constantFrom(...NAMES),
  what: fc.constantFrom("config" as const, "delete" as const, "stuck" as const, "fenced" as const, 1, 2, 3),
});
const steps = fc.array(
  fc.record({
    happenings: fc.array(happening, { maxLength: 2 }),
    away: fc.constantFrom(null, null, null, null, null, null, ...RUNNERS),
  }),
  { minLength: 4, maxLength: 25 },
);

test("scopeOf: a decision on what is concerned changes what a decision on everything would", () => {
  let compared = 0;
  fc.assert(
    fc.property(steps, (all) => {
      const cluster = new Cluster();
      cluster.tick(null, RUNNERS);
      for (const { happenings, away } of all) {
        const touched = new Set(happenings.flatMap((each) => cluster.happens(each)));
        const present = RUNNERS.filter((runner) => runner !== away);
        if (cluster.tick(touched, present) !== null) compared += 1;
        cluster.tick(null, present);
      }
    }),
  );
  assert.ok(compared > 300, `${compared} decisions compared`);
});

test("scopeOf is everything when a runner came, went or is missed, and otherwise little", () => {
  const now: Presences = new Map([["r1", "live"]]);
  const quiet = { touched: new Set(["a"]), fencing: ["b"], absent: new Map(), before: now, now };
  const releases = new Map([[workKey({ connector: "c", task: 3 }), {}]]);
  assert.deepEqual(scopeOf({ ...quiet, releases }), new Set(["a", "c", "b"]));
  const everything = [
    { touched: null },
    { before: null },
    { before: new Map([["r2", "live"]]) as Presences },
    { before: new Map([["r1", "draining"]]) as Presences },
    { before: new Map() },
    { absent: new Map([["r2", { sinceMs: 0, workerId: null }]]) },
  ];
  for (const change of everything) assert.equal(scopeOf({ ...quiet, releases, ...change }), null);
});
