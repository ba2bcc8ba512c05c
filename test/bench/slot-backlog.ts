// Rows a second out of a slot that has much waiting: a bare reader that counts and throws away, and change data capture into Kafka, in
// turns. Starts all it needs:
//   node --import tsx test/bench/slot-backlog.ts [rows] [rounds]
import { connect } from "node:net";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { systemClock } from "@millrace/time";
import postgres from "postgres";
import { startStack } from "../../deploy/dev/stack.ts";
import { createTopics } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture } from "../e2e/standalone-fixture.ts";
import { captureConfig } from "./capture-config.ts";
import { treeStat } from "./driver/lib/proc.mjs";

const rows = Number(process.argv[2] ?? 400_000);
const rounds = Number(process.argv[3] ?? 3);
const TRANSACTION_ROWS = 1_000;
const TIMEOUT_MS = 300_000;

const PROTOCOL_3 = 196_608;
const COPY_DATA = 0x64;
const READY = 0x5a;
const INSERT = 0x49;
/** Of a CopyData message: its kind, three numbers of eight bytes, then pgoutput's own message. */
const PLUGIN_AT = 25;

console.log("starting Kafka and Postgres …");
const stack = await startStack({ kafka: true, postgres: true });
const database = new URL(stack.env.DATABASE_URL!);
const sql = postgres(database.href, { max: 1, onnotice: () => {} });
const fixture = new StandaloneFixture("backlog");
const bootstrapServers = stack.env.KAFKA_BOOTSTRAP_SERVERS!;
const client = librdkafkaClient({ clock: systemClock });
const json = "org.apache.kafka.connect.json.JsonConverter";
const properties = {
  "bootstrap.servers": bootstrapServers,
  ...{ "key.converter": json, "key.converter.schemas.enable": "false" },
  ...{ "value.converter": json, "value.converter.schemas.enable": "false" },
};

/** The columns that `driver/` captures, about as long. */
async function fill(): Promise<void> {
  for (let from = 1; from <= rows; from += TRANSACTION_ROWS) {
    await sql`INSERT INTO backlog SELECT i, i % 1000, rpad('item ' || i, 40, 'x'), (i % 10000) / 100.0, i % 7, now()
      FROM generate_series(${from}::int, ${Math.min(rows, from + TRANSACTION_ROWS - 1)}::int) i`;
  }
}

/** Resolves when so many rows have come. No password, no TLS, no answers to the server: for as short as this takes. */
function readBare(slot: string): Promise<void> {
  const query = `START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names 'backlog')`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(database.port), database.hostname);
    let rest: Buffer = Buffer.alloc(0);
    let count = 0;
    socket.on("error", reject);
    socket.on("connect", () =>
      socket.write(startup({ user: "postgres", database: "postgres", replication: "database" })),
    );
    socket.on("data", (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      while (at + 5 <= bytes.length) {
        const end = at + 1 + bytes.readUInt32BE(at + 1);
        if (end > bytes.length) break;
        if (bytes[at] === READY) socket.write(command(query));
        else if (bytes[at] === COPY_DATA && bytes[at + 5 + PLUGIN_AT] === INSERT) count++;
        at = end;
      }
      rest = bytes.subarray(at);
      if (count < rows) return;
      socket.destroy();
      resolve();
    });
  });
}

function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const text = `${Object.entries(parameters).flat().join("\0")}\0\0`;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + text.length, 0);
  head.writeUInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

function command(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.write("Q");
  head.writeUInt32BE(5 + text.length, 1);
  return Buffer.concat([head, Buffer.from(`${text}\0`)]);
}

function say(who: string, startMs: number, cpuMs: number): void {
  const ms = performance.now() - startMs;
  console.log(
    `${who}: ${Math.round((rows / ms) * 1000)} rows/s, ${((cpuMs * 1000) / rows).toFixed(1)} µs of processor a row`,
  );
}

try {
  await sql`CREATE TABLE backlog (id int PRIMARY KEY, customer int, item text, price numeric(10, 2), status int, at timestamptz)`;
  await sql`CREATE PUBLICATION backlog FOR TABLE backlog`;
  const slots = Array.from({ length: rounds }, (_, i) => ({ bare: `bare_${i}`, captured: `captured_${i}` }));
  const names = slots.flatMap(({ bare, captured }) => [bare, captured]);
  for (const name of names) await sql`SELECT pg_create_logical_replication_slot(${name}, 'pgoutput')`;
  console.log(`${rows} rows in transactions of ${TRANSACTION_ROWS} …`);
  await fill();
  const admin = await client.admin({ "bootstrap.servers": bootstrapServers });
  const { service, rest } = await fixture.start({ properties });
  for (const { bare, captured } of slots) {
    const before = process.cpuUsage();
    let startMs = performance.now();
    await readBare(bare);
    const { user, system } = process.cpuUsage(before);
    say("bare reader", startMs, (user + system) / 1000);

    const topic = `${captured}.public.backlog`;
    await createTopics(bootstrapServers, [topic], 1);
    const beforeMs = treeStat(service.pid!).cpu * 1000;
    startMs = performance.now();
    await rest.insist("PUT", `/connectors/${captured}/config`, {
      ...captureConfig(database, captured, "backlog"),
      "publication.name": "backlog",
    });
    // Markers of transactions are counted as rows: a thousandth of them.
    const isThere = async () => {
      const [end] = await admin.endOffsets([{ topic, partition: 0 }], "read_committed");
      return end!.offset >= rows;
    };
    await until("everything is in Kafka", isThere, TIMEOUT_MS);
    say("change data capture into Kafka, its start included", startMs, treeStat(service.pid!).cpu * 1000 - beforeMs);
    await rest.insist("DELETE", `/connectors/${captured}`);
  }
  await admin.close();
} catch (error) {
  console.error(error, fixture.logTail());
  process.exitCode = 1;
} finally {
  await fixture.close();
  await sql.end();
  await stack.stop();
}
