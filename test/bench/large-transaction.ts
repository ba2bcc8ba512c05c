// One transaction of some gigabytes, captured exactly once: how much memory that takes. Starts all it needs:
//   node --import tsx test/bench/large-transaction.ts [gigabytes]
import postgres from "postgres";
import { startStack } from "../../deploy/dev/stack.ts";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture } from "../e2e/standalone-fixture.ts";
import { captureConfig } from "./capture-config.ts";
import { treeStat } from "./driver/lib/proc.mjs";

const gigabytes = Number(process.argv[2] ?? 5);
const SAMPLE_MS = 10_000;
const TIMEOUT_MS = 3_600_000;
/** What a row of a 640 characters' note takes in the log, its key's index included. */
const ROW_BYTES = 765;
const rows = Math.ceil((gigabytes * 2 ** 30) / ROW_BYTES);
const topic = "large.public.t";

const startMs = performance.now();
const seconds = (fromMs: number) => ((performance.now() - fromMs) / 1000).toFixed(0);
const say = (line: string) => console.log(`${seconds(startMs).padStart(4)} s  ${line}`);

say("starting Kafka and Postgres …");
const stack = await startStack({ kafka: true, postgres: true });
const bootstrapServers = stack.env.KAFKA_BOOTSTRAP_SERVERS!;
const database = new URL(stack.env.DATABASE_URL!);
const sql = postgres(database.href, { max: 1, onnotice: () => {} });
const fixture = new StandaloneFixture("large");
const json = "org.apache.kafka.connect.json.JsonConverter";
const properties = {
  "bootstrap.servers": bootstrapServers,
  ...{ "key.converter": json, "key.converter.schemas.enable": "false" },
  ...{ "value.converter": json, "value.converter.schemas.enable": "false" },
};
const config = { ...captureConfig(database, "large", "t"), "publication.autocreate.mode": "filtered" };

/** @returns how many records the topic holds. @throws Error when a row is not where it belongs. */
async function readRows(): Promise<number> {
  let count = 0;
  let wrong = 0;
  await readCommitted(bootstrapServers, [topic], ({ key }) => {
    if (JSON.parse(Buffer.from(key!).toString()).id !== count++) wrong++;
  });
  if (wrong > 0) throw new Error(`${wrong} of ${count} records are not the rows that belong there`);
  return count;
}

try {
  await sql`CREATE TABLE t (id int PRIMARY KEY, note text)`;
  const { service, rest } = await fixture.start({ properties });
  await rest.insist("PUT", "/connectors/large/config", config);
  await until("the task runs", () => rest.isIn("RUNNING", "large", 1));
  await sql`INSERT INTO t VALUES (0, 'first')`;
  const [before] = await sql`SELECT pg_current_wal_lsn() AS lsn`;
  say(`one transaction of ${rows} rows …`);
  await sql`INSERT INTO t SELECT id, rpad('note ' || id, 640, 'x') FROM generate_series(1, ${rows}) id`;
  const [end] = await sql`SELECT pg_current_wal_lsn() AS lsn, pg_current_wal_lsn() - ${before!.lsn}::pg_lsn AS bytes`;
  say(`committed: ${(Number(end!.bytes) / 2 ** 30).toFixed(2)} GiB of log`);
  const committedMs = performance.now();
  const rssMb: string[] = [];
  const sample = () => void rssMb.push((treeStat(service.pid!).rss / 2 ** 20).toFixed(0));
  const sampling = setInterval(sample, SAMPLE_MS);
  const isConfirmed = async () => {
    const [slot] = await sql`SELECT confirmed_flush_lsn >= ${end!.lsn}::pg_lsn AS done FROM pg_replication_slots`;
    return slot!.done as boolean;
  };
  await until("everything is in Kafka and the slot confirmed", isConfirmed, TIMEOUT_MS).finally(() =>
    clearInterval(sampling),
  );
  sample();
  say(`in Kafka ${seconds(committedMs)} s after the commit`);
  console.log(`resident memory of all the worker's processes, MB, every ${SAMPLE_MS / 1000} s: ${rssMb.join(", ")}`);
  const count = await readRows();
  if (count !== rows + 1) throw new Error(`${count} records of ${rows + 1} rows`);
  say(`${count} records read back: each row once, in order`);
} catch (error) {
  console.error(error, fixture.logTail());
  process.exitCode = 1;
} finally {
  await fixture.close();
  await sql.end();
  await stack.stop();
}
