import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import postgres from "postgres";
import { type PostgresServer, startPostgres } from "../../deploy/dev/start-postgres.ts";
import type { OffsetMap, SourceRecord, Struct } from "../../libs/connect/mod.ts";
import { startTask } from "../../libs/connectors/postgres-cdc/testing/run-task.ts";

const dir = mkdtempSync(join(tmpdir(), "millrace-promoted-"));
const servers: PostgresServer[] = [];
const clients: postgres.Sql[] = [];
after(async () => {
  for (const client of clients) await client.end({ timeout: 1 });
  for (const server of servers) await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(name: string, port?: number) {
  const server = await startPostgres({ dir: join(dir, name), ...(port === undefined ? {} : { port }) });
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  servers.push(server);
  clients.push(sql);
  const stop = async () => {
    await sql.end({ timeout: 1 });
    await server.stop();
  };
  const [row] = await sql`SHOW data_directory`;
  return { port: Number(new URL(server.url).port), data: row!.data_directory as string, sql, stop };
}

const configOf = (port: number, more: Readonly<Record<string, string>> = {}) => ({
  "topic.prefix": "p",
  "plugin.name": "pgoutput",
  "database.hostname": "127.0.0.1",
  "database.port": String(port),
  "database.user": "postgres",
  "database.password": "none",
  "database.dbname": "postgres",
  "slot.name": "kept",
  "slot.failover": "true",
  "publication.autocreate.mode": "filtered",
  "table.include.list": "public.t",
  "millrace.slot.watch.interval.ms": "100",
  ...more,
});

const idsOf = (records: readonly SourceRecord[]) =>
  records.flatMap(({ key }) => (key === null || key === undefined ? [] : [(key as Struct).values[0]]));

/** Handed over, and committed or not, until a row with this id has come. */
async function readTo(
  id: number,
  port: number,
  stored: OffsetMap | null,
  options: { commits: boolean; more?: object },
) {
  const task = await startTask(configOf(port, { ...options.more }), stored);
  try {
    return await task.read((records) => idsOf(records).includes(id), options.commits);
  } finally {
    await task.stop();
  }
}

let primary: Awaited<ReturnType<typeof start>>;
let promoted: Awaited<ReturnType<typeof start>>;
/** Behind row 2, which both servers have, and behind row 3, which only the first one ever had. */
let sharedOffset: OffsetMap;
let forkedOffset: OffsetMap;

before(async () => {
  primary = await start("primary");
  await primary.sql.unsafe(
    "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (v text); INSERT INTO t VALUES (1)",
  );
  await primary.sql`SELECT pg_create_physical_replication_slot('standby', true)`;
  const { port, data } = primary;
  await primary.stop();
  const standby = await start("standby");
  await standby.stop();
  rmSync(standby.data, { recursive: true });
  // With its owner, which may be another user.
  await promisify(execFile)("cp", ["-a", data, standby.data]);
  const settings = {
    primary_conninfo: `host=127.0.0.1 port=${port} user=postgres dbname=postgres`,
    primary_slot_name: "standby",
  };
  for (const [key, value] of Object.entries({
    ...settings,
    hot_standby_feedback: "on",
    sync_replication_slots: "on",
  })) {
    appendFileSync(join(standby.data, "postgresql.auto.conf"), `${key} = '${value}'\n`);
  }
  writeFileSync(join(standby.data, "standby.signal"), "");
  primary = await start("primary", port);
});

test("a standby that was promoted before it had everything is never taken for the server the offset is of", {
  timeout: 120_000,
}, async () => {
  let standby = await start("standby");
  const task = await startTask(configOf(primary.port));
  const keeps = async () =>
    (await standby.sql`SELECT 1 FROM pg_replication_slots WHERE slot_name = 'kept' AND synced AND NOT temporary`)
      .length > 0;
  // A standby keeps a slot once that has moved on from where the standby can decode.
  while (!(await keeps())) {
    await primary.sql`INSERT INTO other VALUES ('x')`;
    await primary.sql`SELECT pg_log_standby_snapshot()`;
    await task.read((records) => records.length > 0);
  }
  await primary.sql`INSERT INTO t VALUES (2)`;
  const shared = await task.read((records) => idsOf(records).includes(2));
  await task.stop();
  sharedOffset = shared.at(-1)!.sourceOffset!;
  assert.equal(sharedOffset.timeline, undefined);
  const [end] = await primary.sql`SELECT pg_current_wal_lsn() AS lsn`;
  const has = async () => (await standby.sql`SELECT pg_last_wal_replay_lsn() >= ${end!.lsn}::pg_lsn AS has`)[0]!.has;
  while (!(await has()));
  await standby.stop();
  await primary.sql`INSERT INTO t VALUES (3)`;
  const forked = await readTo(3, primary.port, sharedOffset, { commits: true });
  forkedOffset = forked.at(-1)!.sourceOffset!;
  await primary.stop();
  standby = await start("standby");
  promoted = standby;
  await promoted.sql`SELECT pg_promote()`;
  // Row 4 takes the place in the log that row 3 had, and the log goes on beyond it.
  await promoted.sql`INSERT INTO t VALUES (4)`;
  await promoted.sql`INSERT INTO other SELECT repeat('x', 1000) FROM generate_series(1, 20000)`;
  await assert.rejects(startTask(configOf(promoted.port), forkedOffset), { code: "CHANGES_LOST" });
  const more = { "snapshot.mode": "when_needed" };
  assert.deepEqual(idsOf(await readTo(4, promoted.port, forkedOffset, { commits: false, more })), [1, 2, 4]);
});

test("a slot that is trusted is read from where it is, and nothing behind it is taken as done", {
  timeout: 60_000,
}, async () => {
  const more = { "offset.mismatch.strategy": "trust_slot" };
  const ids = idsOf(await readTo(4, promoted.port, forkedOffset, { commits: false, more }));
  // Row 2 comes again when the standby's slot was a moment behind.
  assert.deepEqual(
    ids.filter((id) => id !== 2),
    [4],
  );
});

test("the stream goes on at a promoted server that had everything, and says from then on whose log it is", {
  timeout: 120_000,
}, async () => {
  const records = await readTo(4, promoted.port, sharedOffset, { commits: false });
  assert.deepEqual(idsOf(records), [4]);
  const stored = records.at(-1)!.sourceOffset!;
  assert.equal(stored.timeline, 2);
  await promoted.sql`INSERT INTO t VALUES (5)`;
  assert.deepEqual(idsOf(await readTo(5, promoted.port, stored, { commits: false })), [5]);
  rmSync(join(promoted.data, "pg_wal/00000002.history"));
  assert.deepEqual(idsOf(await readTo(5, promoted.port, stored, { commits: false })), [5], "by its number alone");
  const old = await start("primary", primary.port);
  await old.sql`INSERT INTO other SELECT repeat('x', 1000) FROM generate_series(1, 40000)`;
  await assert.rejects(startTask(configOf(old.port), stored), { code: "CHANGES_LOST" });
});
