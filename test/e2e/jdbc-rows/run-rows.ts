import { setTimeout as sleep } from "node:timers/promises";
import { childPids } from "../../../deploy/prove/child-pids.ts";
import { readCommitted } from "../../../deploy/prove/topic-reader.ts";
import { until } from "../../../deploy/prove/until.ts";
import { type TestDatabase, testServers } from "../../../libs/connectors/jdbc/testing/test-servers.ts";
import { StandaloneFixture, sharedServer } from "../standalone-fixture.ts";
import { compareRows, type Row, type RowsVerdict } from "./compare-rows.ts";
import { PeerSql } from "./peer-sql.ts";
import { createTables, type Product, writeRows } from "./write-rows.ts";

export interface RowsOptions {
  readonly product: Product;
  readonly rows: number;
  readonly writers: number;
  readonly rowsPerTransaction: number;
  readonly kills: number;
  readonly killEveryMs: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

export interface RowsReport {
  readonly verdicts: readonly RowsVerdict[];
  /** Rows the usual SQL lost meanwhile, by id and by time. */
  readonly peerLost: { readonly byId: number; readonly byTime: number };
  readonly kills: number;
}

const MODES = ["incrementing", "timestamp", "timestamp+incrementing"] as const;
const ARRIVAL_TIMEOUT_MS = 240_000;
const PROGRESS_ROWS = 50_000;
const JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter";

/** Writers and connectors of every mode at once, task hosts killed meanwhile; then all rows against all records. */
export async function runRows(options: RowsOptions): Promise<RowsReport> {
  const fixture = new StandaloneFixture(`jdbc_rows_${options.product}`);
  const server = testServers.find(({ product }) => product === options.product)!;
  const database = await server.create("rows");
  try {
    return await runWith(fixture, database, options);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${fixture.logTail()}`, { cause: error });
  } finally {
    await fixture.close();
    await database.drop();
  }
}

async function runWith(fixture: StandaloneFixture, database: TestDatabase, options: RowsOptions): Promise<RowsReport> {
  const { product, progress } = options;
  const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
  await createTables(database, product);
  const { service, rest } = await fixture.start({
    properties: {
      "bootstrap.servers": bootstrapServers,
      "key.converter": JSON_CONVERTER,
      "value.converter": JSON_CONVERTER,
      "value.converter.schemas.enable": "false",
      "offset.storage.topic": `${fixture.run}-offsets`,
      "offset.storage.replication.factor": "1",
    },
  });
  const topicOf = (mode: string) => `${fixture.run}-${mode.replace("+", "_")}-${tableOf(mode)}`;
  for (const mode of MODES) {
    await rest.insist("PUT", `/connectors/${connectorName(mode)}/config`, {
      "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
      ...database.config,
      "exactly.once.support": "required",
      "task.isolation": "connector",
      mode,
      ...(mode === "timestamp" ? {} : { "incrementing.column.name": "id" }),
      ...(mode === "incrementing" ? {} : { "timestamp.column.name": "at_time" }),
      "table.whitelist": tableOf(mode),
      "topic.prefix": topicOf(mode).slice(0, -tableOf(mode).length),
      "poll.interval.ms": "50",
      "batch.max.rows": "1000",
    });
  }
  for (const mode of MODES) await until(`${mode} runs`, () => rest.isIn("RUNNING", connectorName(mode), 1));
  const peer = new PeerSql(database);
  let told = 0;
  let writing = true;
  const written = writeRows({
    ...options,
    database,
    progress: (committed) => {
      if (committed - told < PROGRESS_ROWS) return;
      told = committed;
      progress(`${committed} rows committed`);
    },
  }).finally(() => {
    writing = false;
  });
  const kills = await Promise.all([
    killHosts(
      () => service.pid,
      () => writing,
      options,
    ),
    written,
  ]).then(([count]) => count);
  await sleep(1500);
  await peer.stop();
  const inserted = await rowsOf(database, "SELECT id, 1 FROM inserted");
  const changed = await rowsOf(database, "SELECT id, version FROM changed");
  progress(`${inserted.length + changed.length} rows there, ${kills} task hosts killed; waiting for the records`);
  const verdicts: RowsVerdict[] = [];
  for (const mode of MODES) {
    const there = mode === "incrementing" ? inserted : changed;
    const compare = async () => compareRows(mode, there, await recordsOf(bootstrapServers, topicOf(mode)));
    let verdict = await compare();
    // A moment longer than needed, so that what comes twice is seen too.
    await until(
      `the records of mode ${mode} arrive`,
      async () => {
        verdict = await compare();
        return verdict.lost === 0;
      },
      ARRIVAL_TIMEOUT_MS,
    ).catch(() => 0);
    verdicts.push(verdict.lost === 0 ? await sleep(1000).then(compare) : verdict);
  }
  return {
    verdicts,
    kills,
    peerLost: {
      byId: inserted.filter(({ id }) => !peer.ids.has(id)).length,
      byTime: changed.filter(({ id, version }) => peer.versions.get(id) !== version).length,
    },
  };
}

const tableOf = (mode: string) => (mode === "incrementing" ? "inserted" : "changed");
const connectorName = (mode: string) => `rows-${mode.replace("+", "-")}`;

/** One task host after another, while there is something to write. */
async function killHosts(
  pid: () => number | undefined,
  isWriting: () => boolean,
  { kills, killEveryMs, progress }: RowsOptions,
): Promise<number> {
  let count = 0;
  while (count < kills && isWriting()) {
    await sleep(killEveryMs);
    const hosts = childPids(pid()!);
    const victim = hosts[count % Math.max(1, hosts.length)];
    if (victim === undefined || !isWriting()) continue;
    process.kill(victim, "SIGKILL");
    count += 1;
    progress(`task host ${victim} killed`);
  }
  return count;
}

async function rowsOf(database: TestDatabase, sql: string): Promise<Row[]> {
  const connection = await database.open();
  const { rows } = await connection.query(sql);
  await connection.close();
  return rows.map(([id, version]) => ({ id: Number(id), version: Number(version) }));
}

async function recordsOf(bootstrapServers: string, topic: string): Promise<Row[]> {
  const read: Row[] = [];
  await readCommitted(bootstrapServers, [topic], ({ value }) => {
    const { id, version = 1 } = JSON.parse(Buffer.from(value!).toString());
    read.push({ id, version });
  });
  return read;
}

export function renderRows({ verdicts, peerLost, kills }: RowsReport): string {
  const lines = verdicts.map(
    ({ mode, rows, records, lost, duplicated, unexpected }) =>
      `${mode}: ${rows} rows, ${records} records: ${lost} lost, ${duplicated} duplicated, ${unexpected} unexpected`,
  );
  const peer = `id > last, without a guard: ${peerLost.byId} rows lost; time > last: ${peerLost.byTime} rows lost`;
  return [...lines, `${kills} task hosts killed`, peer].join("\n");
}
