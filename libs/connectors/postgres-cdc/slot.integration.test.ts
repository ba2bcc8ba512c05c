import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { OffsetMap, TaskConfig } from "@millrace/connect";
import { PostgresCdc } from "./plugin.ts";
import { createTestDatabase } from "./testing/cdc-fixture.ts";
import { startTask } from "./testing/run-task.ts";

const db = await createTestDatabase("slots");
after(() => db.drop());
await db.sql("CREATE TABLE busy (id serial PRIMARY KEY, v text)");

/** A table of its own with one row, captured by a slot of its own. */
async function configFor(table: string, more: Readonly<Record<string, string>> = {}) {
  await db.sql(`CREATE TABLE ${table} (id int PRIMARY KEY); INSERT INTO ${table} VALUES (1)`);
  return {
    ...db.config,
    "topic.prefix": table,
    "slot.name": `${db.config["slot.name"]}_${table}`,
    "publication.name": `pub_${table}`,
    "publication.autocreate.mode": "filtered",
    "table.include.list": `public.${table}`,
    "millrace.slot.watch.interval.ms": "100",
    ...more,
  };
}

const place = (offset: OffsetMap | null | undefined) => Number(offset?.lsn ?? 0);

async function serverLsn(): Promise<number> {
  const [row] = await db.sql("SELECT pg_current_wal_lsn() - '0/0' AS lsn");
  return Number(row!.lsn);
}

async function confirmedLsn(slot: string): Promise<number> {
  const [row] = await db.sql(
    `SELECT confirmed_flush_lsn - '0/0' AS lsn FROM pg_replication_slots WHERE slot_name = '${slot}'`,
  );
  return Number(row!.lsn);
}

test("a slot moves on past changes of no interest, never further than a stored offset says", {
  timeout: 60_000,
}, async () => {
  const config = await configFor("quiet");
  const task = await startTask(config);
  await task.read((records) => records.length === 1);
  await db.sql("INSERT INTO busy (v) SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
  // Moved offsets speak of the last byte, not of the one behind it.
  const busyLsn = (await serverLsn()) - 1;
  const records = await task.read((all) => place(all.at(-1)?.sourceOffset) >= busyLsn);
  await task.stop();
  assert.ok(records.every(({ offsetOnly }) => offsetOnly));
  const stored = records.at(-1)!.sourceOffset!;
  const confirmed = await confirmedLsn(config["slot.name"]);
  assert.ok(confirmed >= busyLsn && confirmed <= place(stored), `${confirmed} of ${busyLsn} to ${place(stored)}`);
  await db.sql("INSERT INTO quiet VALUES (2)");
  const again = await startTask(config, stored);
  const [change] = await again.read((all) => all.some(({ offsetOnly }) => !offsetOnly));
  await again.stop();
  assert.match(String(change!.value), /after=Struct\{id=2\}/);
});

test("a slot that was made anew is not taken for the old one, unless it is trusted", { timeout: 60_000 }, async () => {
  const config = await configFor("anew");
  const task = await startTask(config);
  const [row] = await task.read((records) => records.length === 1);
  await task.stop();
  await db.sql(`SELECT pg_drop_replication_slot('${config["slot.name"]}'); INSERT INTO anew VALUES (2)`);
  await db.sql(`SELECT pg_create_logical_replication_slot('${config["slot.name"]}', 'pgoutput')`);
  const stored = row!.sourceOffset;
  await assert.rejects(startTask(config, stored), { code: "CHANGES_LOST" });
  const trusting = await startTask({ ...config, "offset.mismatch.strategy": "trust_slot" }, stored);
  await trusting.stop();
});

test("a server that never came as far as the stored offset is not the one it is of", { timeout: 60_000 }, async () => {
  const config = await configFor("behind");
  const task = await startTask(config);
  const [row] = await task.read((records) => records.length === 1);
  await task.stop();
  const stored = { ...row!.sourceOffset, lsn: (await serverLsn()) + 1e9 };
  await assert.rejects(startTask(config, stored), { code: "CHANGES_LOST" });
});

test("a slot for which more log is kept than allowed is dropped, and the task says so", {
  timeout: 60_000,
}, async () => {
  const config = await configFor("limited", { "millrace.slot.retained.wal.max.bytes": "20000000" });
  const task = await startTask(config);
  await task.read((records) => records.length === 1);
  // An open transaction: the log since it began is kept.
  const open = await db.open();
  await open.query("BEGIN; INSERT INTO limited VALUES (2)");
  await db.sql("INSERT INTO busy (v) SELECT repeat('x', 1000) FROM generate_series(1, 30000)");
  await assert.rejects(
    task.read(() => false),
    { code: "RETAINED_WAL" },
  );
  await open.close();
  await task.stop();
  assert.deepEqual(await db.sql(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${config["slot.name"]}'`), []);
});

test("standbys are asked to keep a slot that is there, where the server can", { timeout: 60_000 }, async () => {
  const config = await configFor("kept");
  await (await startTask(config)).stop();
  const task = await startTask({ ...config, "slot.failover": "true" });
  await task.stop();
  const [slot] = await db.sql(
    `SELECT to_jsonb(s) ->> 'failover' AS failover, current_setting('server_version_num')::int >= 170000 AS can
     FROM pg_replication_slots s WHERE slot_name = '${config["slot.name"]}'`,
  );
  assert.equal(slot!.failover === "true", slot!.can === "t");
});

test("rows of a table that is added later are read while the stream goes on, also when the first try is cut off", {
  timeout: 60_000,
}, async () => {
  const config = await configFor("first");
  const task = await startTask(config);
  const [row] = await task.read((records) => records.length === 1);
  await task.stop();
  await db.sql("CREATE TABLE second (id int PRIMARY KEY); INSERT INTO second SELECT generate_series(1, 3000)");
  const both = { ...config, "table.include.list": "public.first,public.second" };
  // Nothing of it comes to Kafka.
  await (await startTask(both, row!.sourceOffset)).stop();
  const again = await startTask(both, row!.sourceOffset);
  await db.sql("INSERT INTO second VALUES (3001); DELETE FROM second WHERE id = 1; INSERT INTO first VALUES (2)");
  const ids = (records: readonly { topic: string; value: unknown }[], topic: string) => {
    const events = records.filter((each) => each.topic === topic && each.value !== null);
    return new Set(events.map(({ value }) => /id=(\d+)/.exec(String(value))![1]));
  };
  const records = await again.read(
    (all) => ids(all, "first.public.second").size >= 3001 && ids(all, "first.public.first").size > 0,
  );
  const rows = await again.read((all) => all.some(({ offsetOnly }) => offsetOnly));
  await again.stop();
  assert.ok(records.length + rows.length >= 3003);
  assert.deepEqual(await db.sql("SELECT pubname FROM pg_publication WHERE pubname LIKE 'pub_first%'"), [
    { pubname: "pub_first" },
  ]);
});

/** What the runtime does once a connector was deleted. */
async function cleanUp(config: TaskConfig, logged: string[] = []): Promise<void> {
  const write = (message: string) => void logged.push(message);
  await PostgresCdc.onDelete!(config, {
    connector: "cdc",
    signal: new AbortController().signal,
    logger: { debug: write, info: write, warn: write, error: write },
    nowMs: () => Date.now(),
    sleep: (delayMs) => sleep(delayMs),
  });
}

async function slots(name: string): Promise<number> {
  return (await db.sql(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${name}'`)).length;
}

test("a deleted connector's slot is dropped where that is wanted, and its publication stays", {
  timeout: 60_000,
}, async () => {
  const config = await configFor("deleted");
  const slot = config["slot.name"];
  const task = await startTask(config);
  await task.read((records) => records.length === 1);
  await task.stop();
  await cleanUp(config);
  assert.equal(await slots(slot), 1);
  const logged: string[] = [];
  const dropping = { ...config, "millrace.slot.drop.on.delete": "true" };
  await cleanUp(dropping, logged);
  assert.equal(await slots(slot), 0);
  await cleanUp(dropping, logged);
  assert.deepEqual(logged, ["Replication slot dropped.", "There was no replication slot to drop."]);
  assert.equal((await db.sql("SELECT 1 FROM pg_publication WHERE pubname = 'pub_deleted'")).length, 1);
});

test("a slot that somebody still reads is not dropped until the reader has gone", { timeout: 60_000 }, async () => {
  const config = await configFor("read", { "millrace.slot.drop.on.delete": "true" });
  const task = await startTask(config);
  await task.read((records) => records.length === 1);
  await assert.rejects(cleanUp(config), { code: "SLOT_ACTIVE", retriable: true });
  const waiting = cleanUp(config);
  await sleep(300);
  await task.stop();
  await waiting;
  assert.equal(await slots(config["slot.name"]), 0);
});

test("a slot of this name in another database is not touched", { timeout: 60_000 }, async () => {
  const config = await configFor("elsewhere", { "millrace.slot.drop.on.delete": "true" });
  const other = await createTestDatabase("slots_elsewhere");
  try {
    await other.sql(`SELECT pg_create_logical_replication_slot('${config["slot.name"]}', 'pgoutput')`);
    await assert.rejects(cleanUp(config), { code: "SLOT_ELSEWHERE" });
    assert.equal(await slots(config["slot.name"]), 1);
  } finally {
    await other.drop();
  }
});

test("slot.drop.on.stop drops the slot at every orderly stop", { timeout: 60_000 }, async () => {
  const config = await configFor("stopped", { "slot.drop.on.stop": "true" });
  for (let round = 0; round < 3; round++) {
    const task = await startTask(config);
    await task.read((records) => records.length > 0);
    assert.equal(await slots(config["slot.name"]), 1);
    await task.stop();
    assert.equal(await slots(config["slot.name"]), 0);
  }
});
