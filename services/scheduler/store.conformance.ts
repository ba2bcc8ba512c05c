import assert from "node:assert/strict";
import type { Changes } from "./changes.ts";
import type { ConnectorState, Placement, RunnerRow, Status } from "./model.ts";
import type { SchedulerStore } from "./store.ts";

export interface StoreUnderTest {
  readonly store: SchedulerStore;
  /** Lets the store's own clock pass. */
  pass(ms: number): Promise<void>;
}

export interface StoreCase {
  readonly name: string;
  run(tested: StoreUnderTest): Promise<void>;
}

export const noChanges: Changes = {
  connectors: [],
  placements: [],
  placementsGone: [],
  statuses: [],
  statusesGone: [],
  runners: [],
  runnersGone: [],
};

const state: ConnectorState = {
  connector: "a-1 ü",
  generation: 3,
  tasksVersion: 7,
  taskCountRecord: null,
  fencedGeneration: 2,
};
const placement: Placement = {
  connector: "a-1 ü",
  task: null,
  runner: "r1",
  generation: 4,
  restart: 1,
  phase: "assigned",
};
const taskPlacement: Placement = { ...placement, task: 0, phase: "releasing" };
const runner: RunnerRow = { runner: "r1", workerId: "h:1", hosts: 2, heartbeatMs: 1_700_000_000_000 };

function status(connector: string, task: number | null): Status {
  const { runner, workerId } = { runner: "r1", workerId: "h:1" };
  return {
    connector,
    task,
    state: "FAILED",
    runner,
    workerId,
    version: null,
    trace: 'a "trace"\n',
    generation: 3,
    restart: 0,
    restarts: task === null ? null : { count: 2, reason: "retriable: gone", nextMs: 1_700_000_000_123 },
  };
}

const LEASE_MS = 100;

/** What every store must do. A fresh store each. */
export const storeCases: readonly StoreCase[] = [
  {
    name: "acquire gives the lease to one, and again with a higher epoch once it is over",
    async run({ store, pass }) {
      const first = await store.acquire("one", LEASE_MS);
      assert.equal(first?.epoch, 1);
      assert.equal(await store.acquire("two", LEASE_MS), null);
      assert.equal(await store.acquire("one", LEASE_MS), null);
      await pass(LEASE_MS + 1);
      assert.equal((await store.acquire("two", LEASE_MS))?.epoch, 2);
      assert.equal(await store.renew(first, LEASE_MS), false);
      assert.equal(await store.holds(first), false);
    },
  },
  {
    name: "renew keeps others out, also when it comes late but before another has acquired",
    async run({ store, pass }) {
      const lease = (await store.acquire("one", LEASE_MS))!;
      await pass(LEASE_MS + 1);
      assert.equal(await store.renew(lease, 60_000), true);
      assert.equal(await store.acquire("two", LEASE_MS), null);
      assert.equal(await store.holds(lease), true);
    },
  },
  {
    name: "release lets another acquire at once, and of a lost lease changes nothing",
    async run({ store }) {
      const first = (await store.acquire("one", 60_000))!;
      await store.release(first);
      const second = await store.acquire("two", 60_000);
      assert.equal(second?.epoch, 2);
      await store.release(first);
      assert.equal(await store.acquire("one", 60_000), null);
    },
  },
  {
    name: "commit stores what load then finds, replaces and removes",
    async run({ store }) {
      const lease = (await store.acquire("one", 60_000))!;
      const own = status("a-1 ü", null);
      const ofTask = status("a-1 ü", 0);
      const all = {
        ...noChanges,
        connectors: [state],
        placements: [placement, taskPlacement],
        statuses: [own, ofTask],
        runners: [runner],
      };
      assert.equal(await store.commit(lease, all), true);
      const loaded = await store.load();
      assert.deepEqual([...loaded.connectors.values()], [state]);
      assert.deepEqual([...loaded.placements.values()].sort(connectorFirst), [placement, taskPlacement]);
      assert.deepEqual([...loaded.statuses.values()].sort(connectorFirst), [own, ofTask]);
      assert.deepEqual([...loaded.runners.values()], [runner]);
      await store.commit(lease, {
        ...noChanges,
        connectors: [{ ...state, taskCountRecord: 3 }],
        placements: [{ ...placement, runner: "r2" }],
        placementsGone: [taskPlacement],
        statusesGone: [own],
        runners: [{ ...runner, runner: "r2" }],
        runnersGone: ["r1"],
      });
      const next = await store.load();
      assert.equal(next.connectors.get("a-1 ü")?.taskCountRecord, 3);
      assert.deepEqual([...next.placements.values()], [{ ...placement, runner: "r2" }]);
      assert.deepEqual([...next.statuses.values()], [ofTask]);
      assert.deepEqual([...next.runners.keys()], ["r2"]);
    },
  },
  {
    name: "commit under a lost lease writes nothing and says so (I7)",
    async run({ store, pass }) {
      const old = (await store.acquire("one", LEASE_MS))!;
      await store.commit(old, { ...noChanges, connectors: [state], runners: [runner] });
      await pass(LEASE_MS + 1);
      await store.acquire("two", 60_000);
      const change = {
        ...noChanges,
        connectors: [{ ...state, generation: 9 }],
        placements: [placement],
        runnersGone: ["r1"],
      };
      assert.equal(await store.commit(old, change), false);
      assert.equal(await store.commit({ ...old, epoch: 2 }, change), false, "the epoch alone is not enough");
      const loaded = await store.load();
      assert.equal(loaded.connectors.get("a-1 ü")?.generation, 3);
      assert.equal(loaded.placements.size, 0);
      assert.equal(loaded.runners.size, 1);
    },
  },
  {
    name: "statusesOf and statusesAfter find whole connectors, in order of name and task",
    async run({ store }) {
      const lease = (await store.acquire("one", 60_000))!;
      const statuses = ["c", "B", "a"].flatMap((name) => [status(name, 10), status(name, 2), status(name, null)]);
      await store.commit(lease, { ...noChanges, statuses });
      assert.equal((await store.statusesOf("B")).length, 3);
      assert.deepEqual(await store.statusesOf("none"), []);
      const page = await store.statusesAfter(null, 2);
      const ids = page.map(({ connector, task }) => `${connector}${task ?? ""}`);
      assert.deepEqual(ids, ["B", "B2", "B10", "a", "a2", "a10"]);
      assert.deepEqual(
        (await store.statusesAfter("a", 2)).map(({ connector }) => connector),
        ["c", "c", "c"],
      );
    },
  },
  {
    name: "topics are kept once each, until they are removed or their connector's own status goes",
    async run({ store }) {
      const lease = (await store.acquire("one", 60_000))!;
      const own = status("a-1 ü", null);
      await store.commit(lease, { ...noChanges, statuses: [own, status("a-1 ü", 0)] });
      await store.addTopics("a-1 ü", ["t", "u"]);
      await store.addTopics("a-1 ü", ["u", "v"]);
      await store.addTopics("b", ["t"]);
      assert.deepEqual([...(await store.topicsOf("a-1 ü"))].sort(), ["t", "u", "v"]);
      await store.commit(lease, { ...noChanges, statusesGone: [status("a-1 ü", 0)] });
      assert.equal((await store.topicsOf("a-1 ü")).length, 3);
      await store.commit(lease, { ...noChanges, statusesGone: [own] });
      assert.deepEqual(await store.topicsOf("a-1 ü"), []);
      assert.deepEqual(await store.topicsOf("b"), ["t"]);
      await store.removeTopics("b");
      assert.deepEqual(await store.topicsOf("b"), []);
    },
  },
];

function connectorFirst(a: { readonly task: number | null }, b: { readonly task: number | null }): number {
  return (a.task ?? -1) - (b.task ?? -1);
}
