import { join } from "node:path";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { systemClock } from "@millrace/time";
import { startStack } from "../stack.ts";
import { type Comparison, compareIds, isExact } from "./compare.ts";
import { createConnector } from "./create-connector.ts";
import { HostKiller } from "./host-killer.ts";
import { LiveView } from "./live-view.ts";
import { setScene } from "./scene.ts";
import { Shop, TABLES, type Table } from "./shop.ts";
import { startMillrace } from "./start-millrace.ts";
import { TopicWatch } from "./topic-watch.ts";
import { renderResult } from "./view.ts";

export interface DemoOptions {
  /** End after the comparison; otherwise stay up to play with. */
  readonly once: boolean;
  readonly rows: number;
}

const CONNECTOR = "postgres-source-connector";
const WRITE_MS = 20_000;
const DRAIN_MS_MAX = 120_000;
const USER = "shop";
const PASSWORD = "correct horse battery staple";

/** A live Postgres database flows into Kafka exactly once, while task hosts are killed. @returns the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const say = (line = "") => process.stdout.write(`${line}\n`);
  const scene = setScene();
  try {
    const startMs = performance.now();
    say("Starting Postgres and Kafka …");
    const stack = await startStack({ kafka: true, postgres: true });
    say(`  up after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    scene.onEnd(() => stack.stop());
    const bootstrapServers = stack.env.KAFKA_BOOTSTRAP_SERVERS!;
    const databaseUrl = stack.env.DATABASE_URL!;
    const shop = new Shop(databaseUrl);
    scene.onEnd(() => shop.close());
    await shop.create({ user: USER, password: PASSWORD });

    say("Starting Millrace standalone …");
    const logFile = join(scene.dir, "millrace.log");
    const { base, hub } = await startMillrace({
      dir: scene.dir,
      logFile,
      bootstrapServers,
      secrets: { "postgres/username": USER, "postgres/password": PASSWORD },
      settings: { "key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false" },
      onStop: scene.onEnd,
    });
    say(`  Console   ${base}/ui/`);
    say(`  REST API  ${base}    Kafka  ${bootstrapServers}    log  ${logFile}`);

    say(`Creating connector ${CONNECTOR} through REST …`);
    await createConnector(base, CONNECTOR, connectorConfig(databaseUrl));
    say(`Writing ${options.rows.toLocaleString("en-US")} rows; killing a task host twice on the way.\n`);
    const watch = new TopicWatch(librdkafkaClient({ clock: systemClock }), {
      bootstrapServers,
      topics: TABLES.map(topicOf),
    });
    await watch.start();
    scene.onEnd(() => watch.close());
    const killer = new HostKiller(hub.connect("demo"));
    const recordsOf = (table: Table) => watch.ids.get(topicOf(table))?.length ?? 0;
    const view = new LiveView({
      shop,
      recordsOf,
      bus: hub.connect("demo-view"),
      base,
      connector: CONNECTOR,
      events: killer.events,
    });
    view.start();
    const writing = shop.write(options.rows, WRITE_MS);
    const killing = killer.run([() => shop.total > options.rows / 3, () => shop.total > (options.rows * 2) / 3]);
    await Promise.all([writing, killing]);
    await view.untilDrained(DRAIN_MS_MAX);
    view.stop();

    await watch.untilRead();
    const results = new Map<string, Comparison>();
    for (const table of TABLES) {
      results.set(table, compareIds(await shop.ids(table), watch.ids.get(topicOf(table)) ?? []));
    }
    say("\nRows in Postgres against records that a read_committed consumer has seen:\n");
    for (const line of renderResult(results)) say(line);
    const exact = [...results.values()].every(isExact);
    if (killer.killed < 2) say("  The task hosts were not killed twice: the run proves less than it should.");
    if (options.once) {
      await scene.end();
      return exact && killer.killed === 2 ? 0 : 1;
    }
    sayWhatToDo(say, base, bootstrapServers);
    await shop.write(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    return 0;
  } catch (error) {
    await scene.end();
    throw error;
  }
}

/** As Kafka Connect users write it. */
function connectorConfig(databaseUrl: string): Record<string, string> {
  const { host, pathname } = new URL(databaseUrl);
  return {
    "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
    "tasks.max": "3",
    "connection.url": `jdbc:postgresql://${host}${pathname}`,
    "connection.user": "${secrets:postgres:username}",
    "connection.password": "${secrets:postgres:password}",
    mode: "incrementing",
    "incrementing.column.name": "id",
    "topic.prefix": "postgres-",
    "table.whitelist": "orders,customers,products",
    "poll.interval.ms": "1000",
    "batch.max.rows": "1000",
  };
}

function topicOf(table: string): string {
  return `postgres-${table}`;
}

function sayWhatToDo(say: (line?: string) => void, base: string, bootstrapServers: string): void {
  say(`\nRows keep coming. Play with it, Ctrl-C ends everything:\n`);
  say(`  curl -s ${base}/connectors?expand=status`);
  say(`  curl -s ${base}/connectors/${CONNECTOR}/status`);
  say(`  curl -s ${base}/connectors/${CONNECTOR}/offsets`);
  say(`  curl -s -X PUT ${base}/connectors/${CONNECTOR}/pause`);
  say(`  curl -s -X PUT ${base}/connectors/${CONNECTOR}/resume`);
  say(`  curl -s -X POST '${base}/connectors/${CONNECTOR}/restart?includeTasks=true'`);
  say(`  curl -s -X DELETE ${base}/connectors/${CONNECTOR}`);
  say(`\nKafka is at ${bootstrapServers}, topics postgres-orders, postgres-customers, postgres-products.`);
}
