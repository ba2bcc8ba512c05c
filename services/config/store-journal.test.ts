import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Command } from "./decide.ts";
import { atMs, putCommand, readChanges, storeConformance } from "./store.conformance.ts";
import type { ConfigStore } from "./store.ts";
import { openJournalStore } from "./store-journal.ts";
import { openMemoryStore } from "./store-memory.ts";
import { CutFiles, type Survival } from "./testing/cut-files.ts";

async function withFolder(run: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-journal-"));
  try {
    await run(join(folder, "config.journal"), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const { name, run } of storeConformance) {
  test(`journal store: ${name}`, () =>
    withFolder(async (path) => {
      const store = await openJournalStore(path);
      await run(store);
      const before = await readChanges(store);
      await store.close();
      const again = await openJournalStore(path);
      assert.deepEqual(await readChanges(again), before);
      await again.close();
    }));
}

const commands: readonly Command[] = [
  putCommand("a", { k: "ü🎣" }),
  { kind: "tasks", name: "a", configVersion: 1, configs: [{ t: "0" }] },
  putCommand("b"),
  { kind: "delete", name: "a" },
  putCommand("a", { k: "2" }),
  { kind: "target-state", name: "b", targetState: "STOPPED" },
];

async function wholeState(store: ConfigStore) {
  return { ...(await readChanges(store)), history: [await store.history("a"), await store.history("b")] };
}

async function statesAfterEach() {
  const store = openMemoryStore();
  const states = [await wholeState(store)];
  for (const command of commands) {
    await store.apply(command, atMs);
    states.push(await wholeState(store));
  }
  return states;
}

/** Small enough that the run rewrites the journal several times. */
const compactBytesMin = 300;

/** How many commands were acknowledged, and whether the run came to its end. */
async function runUntilCut(files: CutFiles): Promise<{ acknowledged: number; finished: boolean }> {
  let acknowledged = 0;
  try {
    const store = await openJournalStore("/j/config", { files, compactBytesMin });
    for (const command of commands) {
      await store.apply(command, atMs);
      acknowledged += 1;
    }
    return { acknowledged, finished: true };
  } catch {
    return { acknowledged, finished: false };
  }
}

const kinds = ["kept", "lost"] as const;
const survivals: Survival[] = kinds.flatMap((unsyncedNames) =>
  kinds.map((unsyncedBytes) => ({ unsyncedNames, unsyncedBytes })),
);

test("journal store: cut at any byte and between any two steps, it comes back with all that was acknowledged and goes on", async () => {
  const states = await statesAfterEach();
  let steps = 0;
  for (let finished = false; !finished; steps++) {
    const files = new CutFiles(steps);
    const run = await runUntilCut(files);
    finished = run.finished;
    for (const survival of survivals) {
      const what = `${JSON.stringify(survival)} after ${steps} steps`;
      const restarted = files.restart(survival);
      const store = await openJournalStore("/j/config", { files: restarted, compactBytesMin });
      const { revision } = await store.changes(1000);
      assert.ok(revision === run.acknowledged || revision === run.acknowledged + 1, what);
      assert.deepEqual(await wholeState(store), states[revision], what);
      for (const command of commands.slice(revision)) await store.apply(command, atMs);
      const again = await openJournalStore("/j/config", { files: restarted.restart(survival), compactBytesMin });
      assert.deepEqual(await wholeState(again), states.at(-1), what);
    }
  }
  assert.ok(steps > 1000, "the run is long enough to mean something");
});

test("journal store: a write that the disk refused is answered with UNAVAILABLE, is gone, and the next one works", async () => {
  const files = new CutFiles();
  const store = await openJournalStore("/j/config", { files });
  await store.apply(putCommand("a"), atMs);
  files.failNextSync = true;
  await assert.rejects(store.apply(putCommand("b"), atMs), (error: Error & { code: string }) => {
    assert.equal(error.code, "UNAVAILABLE");
    assert.match(error.message, /journal \/j\/config cannot be written \(EIO.*nothing was stored/);
    return true;
  });
  assert.equal(await store.get("b"), null);
  await store.apply(putCommand("c"), atMs);
  const again = await openJournalStore("/j/config", {
    files: files.restart({ unsyncedNames: "lost", unsyncedBytes: "lost" }),
  });
  assert.deepEqual(
    (await readChanges(again)).connectors.map(({ name, revision }) => [name, revision]),
    [
      ["a", 1],
      ["c", 2],
    ],
  );
});

test("journal store: drops a torn last line and says so", () =>
  withFolder(async (path) => {
    const store = await openJournalStore(path);
    await store.apply(putCommand("a"), atMs);
    await store.close();
    const good = await readFile(path);
    for (const tail of ['{"connector":{"na', "\0\0\0\0\n", "half ü".slice(0, 3)]) {
      await appendFile(path, tail);
      const warnings: string[] = [];
      const again = await openJournalStore(path, { logger: { warn: (message) => warnings.push(message) } });
      assert.equal((await readChanges(again)).connectors.length, 1);
      await again.close();
      assert.equal(warnings.length, 1);
      assert.deepEqual(await readFile(path), good);
    }
  }));

test("journal store: refuses a journal that is spoilt in the middle, and a file that is none, and leaves both alone", () =>
  withFolder(async (path) => {
    const store = await openJournalStore(path);
    for (const name of ["a", "b"]) await store.apply(putCommand(name), atMs);
    await store.close();
    const spoilt = (await readFile(path, "utf8")).replace('"name":"a"', '"name":a"');
    await writeFile(path, spoilt);
    await assert.rejects(openJournalStore(path), { code: "JOURNAL_CORRUPT", message: /Line 2 .*restore the file/ });
    assert.equal(await readFile(path, "utf8"), spoilt);
    await writeFile(path, "shopping list\n");
    await assert.rejects(openJournalStore(path), { code: "JOURNAL_FOREIGN" });
    assert.equal(await readFile(path, "utf8"), "shopping list\n");
  }));

test("journal store: stays small however often a connector changes, and is readable by its owner only", () =>
  withFolder(async (path, folder) => {
    const store = await openJournalStore(path, { compactBytesMin: 2000 });
    await store.apply(putCommand("a"), atMs);
    for (let i = 0; i < 50; i++) {
      await store.apply({ kind: "target-state", name: "a", targetState: i % 2 ? "STARTED" : "PAUSED" }, atMs);
    }
    await store.close();
    const { size, mode } = await stat(path);
    assert.ok(size < 2500, `${size} bytes`);
    assert.equal(mode & 0o077, 0);
    assert.deepEqual(await readdir(folder), ["config.journal"]);
  }));
