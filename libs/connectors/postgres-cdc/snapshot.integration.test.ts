import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Struct } from "@millrace/connect";
import { createTestDatabase } from "./testing/cdc-fixture.ts";
import { startTask } from "./testing/run-task.ts";

const db = await createTestDatabase("parts");
after(() => db.drop());

test("three connections read the parts of a large table and a small one, each row once, all as of one moment", {
  timeout: 60_000,
}, async () => {
  await db.sql(`CREATE TABLE small (id int PRIMARY KEY, v text); INSERT INTO small SELECT g, 'old' FROM generate_series(1, 50) g;
    CREATE TABLE large (id int PRIMARY KEY, v text, filling text);
    ALTER TABLE large ALTER filling SET STORAGE PLAIN;
    INSERT INTO large SELECT g, 'old', repeat('x', 1900) FROM generate_series(1, 24000) g`);
  const config = {
    ...db.config,
    "table.include.list": "public.small,public.large",
    "column.exclude.list": "public.large.filling",
    "snapshot.max.threads": "3",
  };
  const task = await startTask(config);
  // Behind the moment of the snapshot: these come as changes.
  await db.sql(`UPDATE large SET v = 'new' WHERE id % 1000 = 0; DELETE FROM large WHERE id = 7;
    INSERT INTO large VALUES (24001, 'new', '')`);
  const records = await task.read((all) => all.some(({ key }) => (key as Struct).getInt32("id") === 24_001));
  await task.stop();
  const events = records.flatMap(({ topic, value }) => {
    const event = value as Struct | null;
    if (event === null) return [];
    const row = event.getStruct("after") ?? event.getStruct("before")!;
    return { topic, op: event.getString("op"), snapshot: event.getStruct("source")!.getString("snapshot"), row };
  });
  const rows = events.filter(({ op }) => op === "r");
  const idsOf = (table: string) =>
    rows.filter(({ topic }) => topic.endsWith(table)).map(({ row }) => row.getInt32("id")!);
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
  assert.deepEqual(idsOf(".small"), upTo(50));
  assert.deepEqual(
    idsOf(".large").sort((a, b) => a - b),
    upTo(24_000),
  );
  assert.ok(rows.every(({ row }) => row.getString("v") === "old"));
  const marked = (marker: string) => rows.flatMap(({ snapshot }, i) => (snapshot === marker ? [i] : []));
  assert.equal(marked("first").length, 1);
  assert.deepEqual(marked("last"), [rows.length - 1]);
  assert.equal(marked("last_in_data_collection").length + marked("first_in_data_collection").length, 2);
  assert.equal(events.filter(({ op }) => op === "u").length, 24);
});
