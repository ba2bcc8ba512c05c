import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { OffsetMap, SourceRecord, Struct } from "@millrace/connect";
import { createTestDatabase } from "./testing/cdc-fixture.ts";
import { startTask } from "./testing/run-task.ts";

const db = await createTestDatabase("signals");
after(() => db.drop());
await db.sql("CREATE TABLE signals (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048))");

interface Event {
  readonly id: number;
  readonly op: string;
  readonly snapshot: string | null;
  readonly row: readonly unknown[] | null;
}

/** Changes of one table. */
function eventsOf(records: readonly SourceRecord[], table: string): Event[] {
  return records.flatMap(({ topic, key, value }) => {
    if (!topic.endsWith(`.${table}`) || value === null) return [];
    const event = value as Struct;
    const snapshot = event.getStruct("source")!.getString("snapshot");
    const row = event.getStruct("after")?.values ?? null;
    return { id: (key as Struct).getInt32("id")!, op: event.getString("op")!, snapshot, row };
  });
}

/** The last event of a key is its row. */
function rowsOf(events: readonly Event[]): [number, unknown][] {
  const rows = new Map<number, unknown>();
  for (const { id, row } of events) {
    if (row === null) rows.delete(id);
    else rows.set(id, row[1]);
  }
  return [...rows].sort(([a], [b]) => a - b);
}

function signal(id: string, table: string, more: Readonly<Record<string, unknown>> = {}): string {
  const data = JSON.stringify({ "data-collections": [`public.${table}`], ...more });
  return `INSERT INTO signals VALUES ('${id}', 'execute-snapshot', '${data}')`;
}

/** Deterministic numbers below `max`. */
function numbers(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % max;
  };
}

for (const config of [
  { "signal.data.collection": "public.signals" },
  {
    "signal.data.collection": "public.signals",
    "incremental.snapshot.watermarking.strategy": "insert_delete",
  },
  { "signal.data.collection": "public.signals", "read.only": "true" },
]) {
  const name = Object.values(config).at(-1)!;
  test(`an incremental snapshot under a writer, cut off again and again, gives each row once (${name})`, {
    timeout: 120_000,
  }, async () => {
    const table = `t_${name.replace(/\W/g, "_")}`;
    const slot = `${db.config["slot.name"]}_${table.slice(0, 20)}`;
    await db.sql(`CREATE TABLE ${table} (id int PRIMARY KEY, v text);
      INSERT INTO ${table} SELECT g, 'old ' || g FROM generate_series(1, 400) g`);
    const all = {
      ...db.config,
      ...config,
      "topic.prefix": table,
      "slot.name": slot,
      "publication.name": `p_${table}`,
      "table.include.list": `public.${table}`,
      "publication.autocreate.mode": "filtered",
      "snapshot.mode": "no_data",
      "incremental.snapshot.chunk.size": "30",
    };
    const random = numbers(name.length);
    let stored: OffsetMap | null = null;
    const kept: SourceRecord[] = [];
    let task = await startTask(all, stored);
    await db.sql(signal(`go-${table}`, table));
    const writes = async () => {
      const id = 1 + random(450);
      const [update, insert, remove, move] = [
        `UPDATE ${table} SET v = 'new ${random(1000)}' WHERE id = ${id}`,
        `INSERT INTO ${table} VALUES (${id}, 'ins ${random(1000)}') ON CONFLICT DO NOTHING`,
        `DELETE FROM ${table} WHERE id = ${id}`,
        `UPDATE ${table} SET id = 500 + ${random(100)} WHERE id = ${id} AND NOT EXISTS (SELECT 1 FROM ${table} WHERE id >= 500)`,
      ];
      await db.sql([update, insert, remove, move][random(4)]!);
    };
    for (let round = 0; round < 25; round++) {
      for (let i = 0; i < 10; i++) await writes();
      const read = await task.read((records) => records.length >= 4, false);
      await task.stop();
      // What is behind the cut was never committed.
      const cut = read.slice(0, 1 + random(read.length));
      kept.push(...cut);
      stored = cut.at(-1)!.sourceOffset;
      task = await startTask(all, stored);
    }
    // The end of the snapshot is told by the next record.
    for (let id = 9000; kept.at(-1)!.sourceOffset!.incremental_snapshot_collections !== undefined; id++) {
      await db.sql(`INSERT INTO ${table} VALUES (${id}, 'end')`);
      kept.push(...(await task.read((records) => eventsOf(records, table).some((each) => each.id === id), false)));
    }
    await task.stop();
    await db.sql(`SELECT pg_drop_replication_slot('${slot}')`);
    const events = eventsOf(kept, table);
    const rows = await db.sql(`SELECT id, v FROM ${table} ORDER BY id`);
    assert.deepEqual(
      rowsOf(events),
      rows.map(({ id, v }) => [Number(id), v]),
    );
    const read = events.filter(({ snapshot }) => snapshot === "incremental").map(({ id }) => id);
    assert.equal(new Set(read).size, read.length, "no row is read twice");
    assert.ok(read.length > 100);
    const changes = events.filter(({ op }) => op !== "r").map(({ id, op, row }) => `${id} ${op} ${row?.[1]}`);
    assert.ok(changes.length > 50);
  });
}

test("a blocking snapshot holds the stream, and comes again when it was cut off", { timeout: 60_000 }, async () => {
  await db.sql(
    "CREATE TABLE held (id int PRIMARY KEY, v text); INSERT INTO held SELECT g, 'v' FROM generate_series(1, 3000) g",
  );
  const config = {
    ...db.config,
    "topic.prefix": "held",
    "slot.name": `${db.config["slot.name"]}_held`,
    "table.include.list": "public.held",
    "signal.data.collection": "public.signals",
    "publication.name": "held",
    "publication.autocreate.mode": "filtered",
    "snapshot.mode": "no_data",
    "max.queue.size": "500",
    "max.batch.size": "100",
  };
  const first = await startTask(config);
  await db.sql(signal("block", "held", { type: "blocking" }));
  const cut = (await first.read((records) => records.length >= 600, false)).slice(0, 600);
  await first.stop();
  const second = await startTask(config, cut.at(-1)!.sourceOffset);
  await db.sql("INSERT INTO held VALUES (5000, 'after')");
  const isStreamed = ({ id, op }: Event) => id === 5000 && op === "c";
  const records = await second.read((all) => eventsOf(all, "held").some(isStreamed), false);
  await second.stop();
  const events = eventsOf(records, "held");
  assert.deepEqual(
    events.filter(({ id, op }) => op === "r" && id <= 3000).map(({ id }) => id),
    Array.from({ length: 3000 }, (_, i) => i + 1),
  );
  assert.equal(events.find(({ op }) => op === "r")!.snapshot, "first");
  assert.equal(events.at(-1)!.op, "c");
  const told = records.filter(({ topic }) => topic.endsWith(".signals"));
  assert.equal(told.length, 1);
});

test("signals that cannot be carried out do not fail the task", { timeout: 60_000 }, async () => {
  await db.sql("CREATE TABLE fine (id int PRIMARY KEY, v text); INSERT INTO fine VALUES (1, 'v')");
  const slot = `${db.config["slot.name"]}_fine`;
  const task = await startTask({
    ...db.config,
    "topic.prefix": "fine",
    "slot.name": slot,
    "table.include.list": "public.fine",
    "signal.data.collection": "public.signals",
    "publication.name": "fine",
    "publication.autocreate.mode": "filtered",
    "snapshot.mode": "no_data",
  });
  const filter = (sql: string) => ({ "additional-conditions": [{ "data-collection": "public.fine", filter: sql }] });
  await db.sql(signal("f1", "fine", { type: "blocking", ...filter("SELECT nonsense") }));
  await db.sql(signal("f2", "fine", filter("no_column > 1")));
  await db.sql(signal("f3", "(fine"));
  await db.sql(signal("f4", "nowhere"));
  await db.sql(signal("f5", "fine", { "surrogate-key": "none" }));
  await db.sql(signal("f6", "fine"));
  const isRead = ({ snapshot }: Event) => snapshot === "incremental";
  const records = await task.read((all) => eventsOf(all, "fine").some(isRead));
  await task.stop();
  assert.deepEqual(rowsOf(eventsOf(records, "fine")), [[1, "v"]]);
});
