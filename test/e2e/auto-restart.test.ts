import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { type PostgresServer, startPostgres } from "../../deploy/dev/stack.ts";
import type { RestClient } from "../../deploy/prove/rest-client.ts";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const fixture = new StandaloneFixture("auto_restart");
/** A database of its own, which the tests take away. */
let database: PostgresServer;

before(async () => {
  // Postgres may run as another user, who must be able to walk through.
  chmodSync(fixture.dir, 0o711);
  database = await startPostgres({ dir: join(fixture.dir, "postgres") });
  await query((sql) => sql`create table visits (id bigserial primary key)`);
});
after(async () => {
  await fixture.close();
  await database.stop();
});

async function query(run: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  await run(sql);
  await sql.end();
}

const insert = (many: number) => query((sql) => sql`insert into visits select from generate_series(1, ${many}::int)`);

/** A connector whose task fails with the first query that does: the source itself does not wait for the database. */
async function start(name: string, worker: Readonly<Record<string, string>> = {}) {
  const { service, rest } = await fixture.start({
    properties: {
      "bootstrap.servers": bootstrapServers,
      "key.converter": "org.apache.kafka.connect.json.JsonConverter",
      "value.converter": "org.apache.kafka.connect.json.JsonConverter",
      "value.converter.schemas.enable": "false",
      "offset.storage.topic": `${fixture.run}-${name}-offsets`,
      "offset.storage.replication.factor": "1",
      ...worker,
    },
  });
  const { hostname, port, username } = new URL(database.url);
  await rest.insist("PUT", `/connectors/${name}/config`, {
    "connector.class": "JdbcSourceConnector",
    "connection.url": `jdbc:postgresql://${hostname}:${port}/postgres`,
    "connection.user": username,
    "connection.attempts": "1",
    "query.retry.attempts": "0",
    "table.whitelist": "visits",
    mode: "incrementing",
    "incrementing.column.name": "id",
    "topic.prefix": `${fixture.run}-${name}-`,
    "poll.interval.ms": "50",
  });
  await until(`${name} runs`, () => rest.isIn("RUNNING", name, 1));
  await expectRows(name);
  return { service, rest };
}

/** Every row once, in order. A database that was killed leaves out some numbers. */
async function expectRows(name: string): Promise<void> {
  let rows: number[] = [];
  await query(async (sql) => {
    rows = (await sql`select id::int from visits order by id`).map(({ id }) => id);
  });
  let read: number[] = [];
  await until(`${rows.length} rows of ${name} arrive`, async () => {
    read = [];
    await readCommitted(bootstrapServers, [`${fixture.run}-${name}-visits`], ({ value }) =>
      read.push(JSON.parse(Buffer.from(value!).toString()).id),
    );
    return read.length >= rows.length;
  });
  assert.deepEqual(read, rows);
}

const task = async (rest: RestClient, name: string) => (await rest.status(name))?.tasks[0];

test("a task whose database goes away is RESTARTING, and RUNNING again by itself with nothing lost", async () => {
  const name = "patient";
  await insert(1_000);
  const { service, rest } = await start(name);
  assert.equal("restarts" in (await task(rest, name))!, false);
  await database.kill();
  await until("the task waits", async () => (await task(rest, name))?.state === "RESTARTING");
  await until("it has tried in vain", async () => ((await task(rest, name))?.restarts?.count ?? 0) >= 2);
  const waiting = (await task(rest, name))!;
  assert.match(waiting.restarts!.reason, /^retriable: Postgres: /);
  assert.ok(waiting.restarts!.next_restart_ms! > Date.now() - 60_000);
  assert.match(waiting.trace!, /RetriableException: Postgres: /);
  await database.restart();
  await insert(1_000);
  await until("it runs", () => rest.isIn("RUNNING", name, 1));
  await expectRows(name);
  const { trace, restarts } = (await task(rest, name))!;
  assert.deepEqual([trace, restarts?.next_restart_ms], [undefined, undefined]);
  assert.ok(restarts!.count >= 2);
  assert.equal((await rest.ask("POST", `/connectors/${name}/tasks/0/restart`)).status, 204);
  await until("a user's restart counts anew", async () => {
    const status = await task(rest, name);
    return status?.state === "RUNNING" && status.restarts === undefined;
  });
  await rest.ask("DELETE", `/connectors/${name}`);
  await service.stop();
});

test("with millrace.auto.restart=false the task is FAILED until somebody restarts it", async () => {
  const name = "plain";
  const { rest } = await start(name, { "millrace.auto.restart": "false" });
  await database.kill();
  await until("the task has failed", async () => (await task(rest, name))?.state === "FAILED");
  await database.restart();
  await insert(1_000);
  await sleep(3_000);
  const failed = (await task(rest, name))!;
  assert.deepEqual([failed.state, "restarts" in failed], ["FAILED", false]);
  await rest.ask("POST", `/connectors/${name}/restart?includeTasks=true&onlyFailed=true`);
  await until("it runs", () => rest.isIn("RUNNING", name, 1));
  await expectRows(name);
});
