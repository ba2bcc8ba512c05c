import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { SourceRecord, Struct } from "@millrace/connect";
import { createTestDatabase } from "./testing/cdc-fixture.ts";
import { replay, startTask } from "./testing/run-task.ts";

const db = await createTestDatabase("handover");
after(() => db.drop());

const END = -1;
const ended = (records: readonly SourceRecord[]) =>
  records.some(({ key }) => (key as Struct | null)?.values[0] === END);

/** Inserts, updates, deletes and moves rows until told to stop. */
async function write(table: string, signal: AbortSignal): Promise<void> {
  for (let i = 1; !signal.aborted; i++) {
    await db.sql(`BEGIN; INSERT INTO ${table} VALUES (${10_000 + i}, 'new');
      UPDATE ${table} SET v = 'u${i}' WHERE id = ${(i * 7) % 500}; DELETE FROM ${table} WHERE id = ${500 + i};
      UPDATE ${table} SET id = ${20_000 + i} WHERE id = ${1500 + i}; COMMIT`);
  }
}

async function rowsOf(table: string): Promise<Map<unknown, unknown[]>> {
  const rows = await db.sql(`SELECT id, v FROM ${table} WHERE id <> ${END}`);
  return new Map(rows.map(({ id, v }) => [Number(id), [Number(id), v]]));
}

for (const slotThere of [false, true]) {
  const what = slotThere ? "beside a slot that was there" : "with its slot";
  test(`under a writer, a snapshot made ${what} and the stream together give the table`, {
    timeout: 60_000,
  }, async () => {
    const table = slotThere ? "there" : "fresh";
    const slot = `${db.config["slot.name"]}_${table}`;
    await db.sql(`CREATE TABLE ${table} (id int PRIMARY KEY, v text);
      INSERT INTO ${table} SELECT g, 'old' FROM generate_series(1, 3000) g`);
    if (slotThere) await db.sql(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    const writing = new AbortController();
    const writer = write(table, writing.signal);
    const config = { ...db.config, "slot.name": slot, "topic.prefix": table, "table.include.list": `public.${table}` };
    const task = await startTask(config);
    const first = await task.read((records) => records.length >= 4000);
    await task.stop();
    const again = await startTask(config, first.at(-1)!.sourceOffset);
    const second = await again.read((records) => records.length >= 500);
    writing.abort();
    await writer;
    await db.sql(`INSERT INTO ${table} VALUES (${END}, 'end')`);
    const third = ended(second) ? [] : await again.read(ended);
    await again.stop();
    const rows = replay([...first, ...second, ...third]);
    rows.delete(END);
    assert.deepEqual(new Map([...rows].sort()), new Map([...(await rowsOf(table))].sort()));
  });
}

test("a slot that is gone fails the task, unless the tables may be read again", { timeout: 60_000 }, async () => {
  await db.sql("CREATE TABLE lost (id int PRIMARY KEY); INSERT INTO lost VALUES (1)");
  const slot = `${db.config["slot.name"]}_lost`;
  const config = { ...db.config, "slot.name": slot, "topic.prefix": "lost", "table.include.list": "public.lost" };
  const task = await startTask(config);
  const [snapshot] = await task.read((records) => records.length === 1);
  await task.stop();
  await db.sql(`SELECT pg_drop_replication_slot('${slot}')`);
  const stored = snapshot!.sourceOffset;
  await assert.rejects(startTask(config, stored), /no longer has the changes after the stored offset/);
  const again = await startTask({ ...config, "snapshot.mode": "when_needed" }, stored);
  const records = await again.read((each) => each.length === 1);
  await again.stop();
  assert.equal((records[0]!.value as Struct).get("op"), "r");
});
