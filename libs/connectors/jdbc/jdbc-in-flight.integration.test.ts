import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { SourceRecord, Struct } from "@millrace/connect";
import { startSource } from "./testing/jdbc-fixture.ts";
import { testServers } from "./testing/test-servers.ts";

const databaseOf = async (product: string) => {
  const database = await testServers.find((server) => server.product === product)!.create("in_flight");
  const connection = await database.open();
  after(async () => {
    await connection.close();
    await database.drop();
  });
  const base = { ...database.config, "topic.prefix": "t-", "poll.interval.ms": "5", "connection.attempts": "1" };
  const byId = { ...base, mode: "incrementing", "incrementing.column.name": "id" };
  const byTime = { ...base, mode: "timestamp", "timestamp.column.name": "at_time" };
  return { database, connection, byId, byTime };
};
const mysql = await databaseOf("mysql");
const sqlite = await databaseOf("sqlite");
const ids = (records: readonly SourceRecord[]) => records.map((record) => Number((record.value as Struct).get("id")));

test("On MySQL ids of transactions that were rolled back hold nothing up", async () => {
  await mysql.connection.execute("CREATE TABLE gaps (id bigint AUTO_INCREMENT PRIMARY KEY)");
  const source = await startSource({ ...mysql.byId, "table.whitelist": "gaps" });
  const sleptMs: number[] = [];
  for (let i = 1; i <= 5; i++) {
    const beforeMs = source.sleptMs();
    await assert.rejects(
      mysql.connection.transaction(async () => {
        await mysql.connection.execute("INSERT INTO gaps VALUES ()");
        throw new Error("no");
      }),
    );
    await mysql.connection.execute("INSERT INTO gaps VALUES ()");
    assert.deepEqual(ids(await source.poll(1)), [2 * i]);
    sleptMs.push(source.sleptMs() - beforeMs);
  }
  // A gap waits for transactions that go on, also those that other tests have on this server just then; not for one each time.
  assert.ok(Math.min(...sleptMs) < 1000, `slept for ${sleptMs} ms`);
  await source.stop();
});

test("On MySQL a user who may not see transactions waits some seconds for missing ids", async () => {
  const { connection, database } = mysql;
  await connection.execute("CREATE TABLE unseen (id bigint AUTO_INCREMENT PRIMARY KEY)");
  const user = `reader_${process.pid}`;
  await connection.execute(`CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY 'pw'`);
  await connection.execute(`GRANT SELECT ON *.* TO ${user}@'127.0.0.1'`);
  const login = { "connection.user": user, "connection.password": "pw" };
  const source = await startSource({ ...mysql.byId, ...login, "table.whitelist": "unseen" });
  const slow = await database.open();
  await slow.transaction(async () => {
    await slow.execute("INSERT INTO unseen VALUES ()");
    await connection.execute("INSERT INTO unseen VALUES ()");
    let polls = 0;
    assert.deepEqual(await source.poll(1, () => ++polls > 8), []);
  });
  await slow.close();
  assert.deepEqual(ids(await source.poll(2)), [1, 2]);
  await source.stop();
  await connection.execute(`DROP USER ${user}@'127.0.0.1'`);
});

test("On SQLite timestamps wait for the writer at work, as it may have taken its own before", async () => {
  const { connection, database } = sqlite;
  await connection.query("PRAGMA journal_mode = WAL");
  await connection.execute("CREATE TABLE stamped (id INTEGER PRIMARY KEY, at_time TIMESTAMP NOT NULL)");
  const source = await startSource({ ...sqlite.byTime, "table.whitelist": "stamped" });
  const slow = await database.open();
  let waited: SourceRecord[] = [];
  await slow.transaction(async () => {
    await slow.execute("INSERT INTO stamped (at_time) VALUES (datetime('now', '-10 seconds'))");
    let polls = 0;
    waited = await source.poll(1, () => ++polls > 1);
  });
  await slow.close();
  assert.deepEqual(ids([...waited, ...(await source.poll(1))]), [1]);
  await source.stop();
});
