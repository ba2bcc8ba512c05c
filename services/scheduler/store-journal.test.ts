import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { noChanges, storeCases } from "./store.conformance.ts";
import { openJournalStore } from "./store-journal.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-scheduler-"));
});
after(() => rm(folder, { recursive: true }));

for (const [index, { name, run }] of storeCases.entries()) {
  test(`openJournalStore: ${name}`, async () => {
    const clock = new VirtualClock();
    const store = await openJournalStore(join(folder, `case-${index}`), clock);
    await run({ store, pass: (ms) => clock.advance(ms) });
    await store.close();
  });
}

const state = { connector: "c", generation: 2, tasksVersion: 5, taskCountRecord: 3, fencedGeneration: 2 };

test("openJournalStore finds epoch, generations and task counts again, but no lease, placement or status", async () => {
  const path = join(folder, "again");
  const clock = new VirtualClock();
  const store = await openJournalStore(path, clock);
  const lease = (await store.acquire("one", 60_000))!;
  for (let generation = 1; generation <= 1_200; generation++) {
    await store.commit(lease, { ...noChanges, connectors: [{ ...state, generation }] });
  }
  await store.close();
  assert.ok((await readFile(path, "utf8")).split("\n").length < 1_000, "the file does not grow for ever");
  const reopened = await openJournalStore(path, clock);
  assert.deepEqual([...(await reopened.load()).connectors.values()], [{ ...state, generation: 1_200 }]);
  assert.equal((await reopened.acquire("two", 60_000))?.epoch, 2);
  await reopened.close();
});

test("openJournalStore drops an unfinished last line, and refuses a broken line or another's file", async () => {
  const path = join(folder, "cut");
  const clock = new VirtualClock();
  const store = await openJournalStore(path, clock);
  const lease = (await store.acquire("one", 60_000))!;
  await store.commit(lease, { ...noChanges, connectors: [state] });
  await store.close();
  await appendFile(path, '{"connector":"c","gener');
  const reopened = await openJournalStore(path, clock);
  assert.deepEqual([...(await reopened.load()).connectors.values()], [state]);
  await reopened.close();
  await appendFile(path, "{}\n");
  await assert.rejects(openJournalStore(path, clock), { code: "JOURNAL_CORRUPT" });
  await writeFile(path, "hello\n");
  await assert.rejects(openJournalStore(path, clock), { code: "JOURNAL_FOREIGN" });
});
