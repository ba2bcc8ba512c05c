import assert from "node:assert/strict";
import type { Command, PutCommand } from "./decide.ts";
import { type ConfigStore, pageBytesMax } from "./store.ts";

export interface StoreCase {
  readonly name: string;
  run(store: ConfigStore): Promise<void>;
}

export const atMs = 1_700_000_000_000;

export function putCommand(name: string, config: Record<string, string> = {}, more: Partial<PutCommand> = {}): Command {
  const rest = { passwords: [], createOnly: false, initialTargetState: null, expectedVersion: null, author: null };
  return { kind: "put", name, config: { name, ...config }, ...rest, ...more };
}

/** Follows the feed to its end, as the scheduler does. */
export async function readChanges(store: ConfigStore, sinceRevision = 0) {
  const pages = [await store.changes(sinceRevision)];
  while (pages.at(-1)!.more) pages.push(await store.changes(pages.at(-1)!.revision));
  return {
    pages,
    connectors: pages.flatMap((page) => page.connectors),
    deleted: pages.flatMap((page) => page.deleted),
    revision: pages.at(-1)!.revision,
  };
}

/** What every ConfigStore does, whatever it keeps its state in. Each case gets an empty store. */
export const storeConformance: readonly StoreCase[] = [
  {
    name: "an empty store is at revision 0 and has nothing",
    async run(store) {
      assert.equal(await store.get("a"), null);
      assert.deepEqual(await store.history("a"), []);
      assert.deepEqual(await store.changes(0), { connectors: [], deleted: [], revision: 0, more: false });
    },
  },
  {
    name: "what was put is read back, with quotes, umlauts and emoji, and goes on in version and revision",
    async run(store) {
      const config = { "quote'\"\\": 'x"y\\n', ü: "🎣", "$1 {}": "?:$", empty: "" };
      const more = { initialTargetState: "PAUSED", passwords: ["ü"] } as const;
      const first = await store.apply(putCommand("täglich $1", config, more), atMs);
      assert.deepEqual(first, {
        changed: true,
        created: true,
        connector: {
          name: "täglich $1",
          config: { name: "täglich $1", ...config },
          passwords: ["ü"],
          version: 1,
          targetState: "PAUSED",
          tasks: { version: 0, configVersion: 0, configs: [] },
          revision: 1,
          deleted: false,
        },
      });
      const second = await store.apply(putCommand("täglich $1", { a: "2" }), atMs);
      assert.equal(second.created, false);
      const { deleted: _, ...record } = second.connector;
      assert.deepEqual(await store.get("täglich $1"), record);
      assert.deepEqual([record.version, record.revision, record.targetState], [2, 2, "PAUSED"]);
    },
  },
  {
    name: "a refused command throws its error and stores nothing",
    async run(store) {
      await store.apply(putCommand("a"), atMs);
      await assert.rejects(store.apply(putCommand("a", {}, { createOnly: true }), atMs), {
        code: "ALREADY_EXISTS",
        message: "Connector a already exists",
      });
      await assert.rejects(store.apply({ kind: "delete", name: "b" }, atMs), { code: "NOT_FOUND" });
      assert.equal((await store.changes(0)).revision, 1);
      assert.equal((await store.history("a")).length, 1);
    },
  },
  {
    name: "a command that asks for what is so already changes nothing",
    async run(store) {
      await store.apply(putCommand("a"), atMs);
      const tasks: Command = { kind: "tasks", name: "a", configVersion: 1, configs: [{ bb: "2", a: "1" }] };
      assert.equal((await store.apply(tasks, atMs)).changed, true);
      const again = await store.apply({ ...tasks, configs: [{ a: "1", bb: "2" }] }, atMs);
      assert.equal(again.changed, false);
      assert.equal(again.connector.tasks.version, 1);
      const started = await store.apply({ kind: "target-state", name: "a", targetState: "STARTED" }, atMs);
      assert.equal(started.changed, false);
      assert.equal((await store.changes(0)).revision, 2);
    },
  },
  {
    name: "versions go on after delete and re-create, and history outlives the connector",
    async run(store) {
      await store.apply(putCommand("a", { n: "1" }, { author: "ada", passwords: ["n"] }), atMs);
      await store.apply({ kind: "tasks", name: "a", configVersion: 1, configs: [{ t: "0" }] }, atMs);
      await store.apply({ kind: "delete", name: "a" }, atMs);
      assert.equal(await store.get("a"), null);
      const { connector, created } = await store.apply(putCommand("a", { n: "2" }), atMs + 5);
      assert.equal(created, true);
      assert.deepEqual([connector.version, connector.tasks.version, connector.revision], [2, 2, 4]);
      assert.deepEqual(await store.history("a"), [
        { name: "a", version: 2, config: { name: "a", n: "2" }, passwords: [], author: null, atMs: atMs + 5 },
        { name: "a", version: 1, config: { name: "a", n: "1" }, passwords: ["n"], author: "ada", atMs },
      ]);
    },
  },
  {
    name: "a deleted connector keeps its config until it is cleaned up after, or is back",
    async run(store) {
      await store.apply(putCommand("a", { n: "1" }), atMs);
      await store.apply(putCommand("b"), atMs);
      assert.deepEqual(await store.cleanUps(), []);
      await store.apply({ kind: "delete", name: "b" }, atMs);
      await store.apply({ kind: "delete", name: "a" }, atMs);
      const [b, a, ...more] = await store.cleanUps();
      assert.deepEqual([b?.name, a?.name, more], ["b", "a", []]);
      assert.deepEqual([a?.version, a?.config], [1, { name: "a", n: "1" }]);
      await store.apply(putCommand("b"), atMs);
      const back = await store.apply({ kind: "cleaned", name: "b", version: 1 }, atMs);
      assert.deepEqual([back.changed, (await store.get("b"))?.config], [false, { name: "b" }]);
      const late = await store.apply({ kind: "cleaned", name: "a", version: 2 }, atMs);
      assert.equal(late.changed, false);
      assert.deepEqual(
        (await store.cleanUps()).map(({ name }) => name),
        ["a"],
      );
      assert.equal((await store.apply({ kind: "cleaned", name: "a", version: 1 }, atMs)).changed, true);
      assert.deepEqual(await store.cleanUps(), []);
      assert.deepEqual((await store.changes(0)).deleted, ["a"]);
      await assert.rejects(store.apply({ kind: "cleaned", name: "never", version: 1 }, atMs), { code: "NOT_FOUND" });
    },
  },
  {
    name: "history comes in ranges, newest first",
    async run(store) {
      for (let i = 0; i < 5; i++) await store.apply(putCommand("a"), atMs);
      await store.apply(putCommand("b"), atMs);
      const versions = async (beforeVersion: number | null, limit: number) =>
        (await store.history("a", { beforeVersion, limit })).map(({ version }) => version);
      assert.deepEqual(await versions(null, 2), [5, 4]);
      assert.deepEqual(await versions(4, 2), [3, 2]);
      assert.deepEqual(await versions(2, 10), [1]);
      assert.deepEqual(await versions(1, 10), []);
    },
  },
  {
    name: "changes shows each connector once, as it is now, in order of revision, and the deleted by name",
    async run(store) {
      for (const name of ["a", "b", "c", "d"]) await store.apply(putCommand(name), atMs);
      await store.apply({ kind: "target-state", name: "b", targetState: "STOPPED" }, atMs);
      await store.apply({ kind: "delete", name: "c" }, atMs);
      await store.apply({ kind: "delete", name: "d" }, atMs);
      await store.apply(putCommand("d"), atMs);
      const page = await store.changes(1);
      assert.deepEqual(
        page.connectors.map(({ name, revision, targetState }) => [name, revision, targetState]),
        [
          ["b", 5, "STOPPED"],
          ["d", 8, "STARTED"],
        ],
      );
      assert.deepEqual([page.deleted, page.revision, page.more], [["c"], 8, false]);
      assert.deepEqual(await store.changes(8), { connectors: [], deleted: [], revision: 8, more: false });
    },
  },
  {
    name: "changes asked from beyond the store's revision answers with the store's own",
    async run(store) {
      await store.apply(putCommand("a"), atMs);
      assert.deepEqual(await store.changes(100), { connectors: [], deleted: [], revision: 1, more: false });
    },
  },
  {
    name: "changes comes in bounded pages that together hold everything; a large record has a page of its own",
    async run(store) {
      for (let i = 0; i < 7; i++) await store.apply(putCommand(`c${i}`, { x: "x".repeat(150_000) }), atMs);
      await store.apply(putCommand("large", { x: "x".repeat(700_000) }), atMs);
      await store.apply(putCommand("small"), atMs);
      const { pages, connectors, revision } = await readChanges(store);
      assert.deepEqual(
        pages.map((page) => page.connectors.map((connector) => connector.name)),
        [["c0", "c1", "c2"], ["c3", "c4", "c5"], ["c6"], ["large"], ["small"]],
      );
      for (const page of pages) {
        assert.ok(page.connectors.length === 1 || JSON.stringify(page).length <= pageBytesMax);
      }
      assert.equal(connectors.length, 9);
      assert.equal(revision, 9);
    },
  },
  {
    name: "commands given at once are all applied, one after another",
    async run(store) {
      const puts = Array.from({ length: 20 }, (_, i) => store.apply(putCommand(`c${i % 3}`, { i: String(i) }), atMs));
      const revisions = (await Promise.all(puts)).map(({ connector }) => connector.revision);
      assert.deepEqual(
        revisions.toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
      const { connectors } = await readChanges(store);
      assert.deepEqual(
        connectors.map(({ version }) => version).toSorted((a, b) => a - b),
        [6, 7, 7],
      );
    },
  },
];
