import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosResult, KillRecord } from "./chaos-report.ts";
import { type Cluster, startCluster } from "./cluster-fixture.ts";
import { kill, planKills, type Victim } from "./killer.ts";
import { sumVerdicts } from "./ledger.ts";
import { LiveReader } from "./live-reader.ts";
import { NumberedFile, type NumberedStream, NumberedTable, openSource, Writer } from "./numbered-rows.ts";
import { SeededRandom } from "./seeded-random.ts";
import { createTopics, readLedgers } from "./topic-reader.ts";
import { until } from "./until.ts";

export interface ChaosOptions {
  readonly rows: number;
  readonly kills: number;
  readonly seed: number;
  /** In which the share of rows between two kills is written. */
  readonly phaseMs: number;
  readonly progress: (line: string) => void;
  /** Leaves logs and data of a failed run where they are. */
  readonly keepFiles: boolean;
}

const TABLES = ["numbers_a", "numbers_b", "numbers_c"] as const;
const PREFIX = "chaos-";
const PARTITIONS = 3;
const RECOVERY_TIMEOUT_MS = 120_000;
const DRAIN_TIMEOUT_MS = 180_000;
const PROGRESS_INTERVAL_MS = 5_000;
const LOG_TAIL_LINES = 30;

/**
 * Tables and a file of numbered rows flow into Kafka while everything on the way is killed in turn. Each kill waits until
 * rows written after it have arrived on every stream. In the end every topic is read from its start, read_committed.
 * Throws, with the end of every log, when data does not come back.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const start = performance.now();
  options.progress("starting Kafka, NATS, two Postgres, config, gateway, 2 schedulers, 2 runners …");
  const cluster = await startCluster({ groupId: "chaos", runners: 2, schedulers: 2, hostsPerRunner: 2 });
  let failed = true;
  try {
    const run = new ChaosRun(cluster, options);
    const { kills, verdicts } = await run.run();
    const total = sumVerdicts([...verdicts.values()]);
    failed = total.lost + total.duplicated + total.reordered + total.unexpected > 0;
    return { seed: options.seed, durationMs: performance.now() - start, kills, verdicts };
  } catch (error) {
    options.progress(cluster.logTails(LOG_TAIL_LINES));
    throw error;
  } finally {
    const keepFiles = failed && options.keepFiles;
    if (keepFiles) options.progress(`logs and data are kept in ${cluster.dir}`);
    await cluster.stop({ keepFiles });
  }
}

class ChaosRun {
  #cluster: Cluster;
  #options: ChaosOptions;
  #random: SeededRandom;
  #sql: ReturnType<typeof openSource>;
  #tables: NumberedTable[];
  #file: NumberedFile;
  #streams: NumberedStream[];
  #reader: LiveReader;

  constructor(cluster: Cluster, options: ChaosOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#sql = openSource(cluster.source.url);
    this.#tables = TABLES.map((table) => new NumberedTable(this.#sql, table, PREFIX));
    this.#file = new NumberedFile(join(cluster.dir, "lines.txt"), `${PREFIX}lines`);
    this.#streams = [...this.#tables, this.#file];
    this.#reader = new LiveReader(cluster.kafka.bootstrapServers, this.#topics);
  }

  get #topics(): string[] {
    return this.#streams.map(({ topic }) => topic);
  }

  async run(): Promise<Pick<ChaosResult, "kills" | "verdicts">> {
    const { rows, kills, phaseMs, progress } = this.#options;
    for (const table of this.#tables) await table.create();
    await createTopics(this.#cluster.kafka.bootstrapServers, this.#topics, PARTITIONS);
    await this.#createConnectors();
    await this.#reader.start();
    const perStream = Math.ceil(rows / this.#streams.length);
    const writer = new Writer(this.#streams, { perStream, phases: kills + 1, phaseMs });
    writer.start();
    const show = setInterval(
      () => progress(`  ${this.#written} written, ${this.#reader.distinct} read`),
      PROGRESS_INTERVAL_MS,
    );
    try {
      const marks = this.#marks();
      await this.#dataAfter(marks);
      const records: KillRecord[] = [];
      for (const victim of planKills(kills, this.#random)) {
        await sleep(phaseMs * this.#random.next());
        records.push(await this.#killOne(victim, records.length + 1));
        writer.nextPhase();
      }
      await writer.finish();
      progress(`all ${this.#written} rows are written; ${this.#reader.distinct} read`);
      const verdicts = await this.#verify();
      return { kills: records, verdicts };
    } finally {
      clearInterval(show);
      await writer.stop();
      await this.#reader.stop();
      await this.#sql.end({ timeout: 1 });
    }
  }

  get #written(): number {
    return this.#streams.reduce((sum, { written }) => sum + written, 0);
  }

  async #createConnectors(): Promise<void> {
    const { rest } = this.#cluster;
    await rest.insist("PUT", "/connectors/chaos-tables/config", {
      "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
      "tasks.max": "3",
      "connection.url": `jdbc:${this.#cluster.source.url.replace("postgres://postgres@", "postgresql://")}`,
      "connection.user": "postgres",
      "connection.attempts": "100",
      "connection.backoff.ms": "200",
      "table.whitelist": TABLES.join(","),
      mode: "incrementing",
      "incrementing.column.name": "id",
      "topic.prefix": PREFIX,
      "poll.interval.ms": "50",
    });
    await rest.insist("PUT", "/connectors/chaos-lines/config", {
      "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
      "tasks.max": "1",
      file: this.#file.path,
      topic: this.#file.topic,
      "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    });
    await until("every task runs", () => this.#allRunning());
  }

  async #killOne(victim: Victim, n: number): Promise<KillRecord> {
    const start = performance.now();
    const { what, restart } = await kill(victim, this.#cluster, this.#random);
    const marks = this.#marks();
    const flowing = this.#dataAfter(marks);
    const running = restart(flowing).then(() =>
      until(`every task runs again after ${what} was killed`, () => this.#allRunning(), RECOVERY_TIMEOUT_MS),
    );
    const sinceStart = () => performance.now() - start;
    const [dataMs, controlMs] = await Promise.all([flowing.then(sinceStart), running.then(sinceStart)]);
    const times = `data back after ${(dataMs / 1000).toFixed(1)} s, all RUNNING after ${(controlMs / 1000).toFixed(1)} s`;
    this.#options.progress(`kill ${n}/${this.#options.kills}: ${victim} (${what}): ${times}`);
    return { victim, what, dataMs, controlMs };
  }

  #marks(): ReadonlyMap<string, number> {
    return new Map(this.#streams.map(({ topic, highest }) => [topic, highest]));
  }

  /** Rows of every stream that were written after the marks have been read. */
  async #dataAfter(marks: ReadonlyMap<string, number>): Promise<void> {
    for (const [topic, mark] of marks) {
      const arrived = () => this.#reader.ledgers.get(topic)!.highest > mark;
      await until(`a record after number ${mark} arrives in ${topic}`, arrived, RECOVERY_TIMEOUT_MS);
    }
  }

  async #allRunning(): Promise<boolean> {
    const { rest } = this.#cluster;
    const health = await rest.ask("GET", "/health").catch(() => null);
    if (health?.status !== 200) return false;
    return (
      (await rest.isIn("RUNNING", "chaos-tables", TABLES.length)) && (await rest.isIn("RUNNING", "chaos-lines", 1))
    );
  }

  /** Waits until nothing more comes, stops the connectors and reads every topic anew. */
  async #verify(): Promise<ChaosResult["verdicts"]> {
    const numbers = new Map<string, number[]>();
    for (const stream of this.#streams) numbers.set(stream.topic, await stream.numbers());
    const expected = [...numbers.values()].reduce((sum, each) => sum + each.length, 0);
    await until(`all ${expected} records arrive`, () => this.#reader.distinct >= expected, DRAIN_TIMEOUT_MS).catch(
      (error) => this.#options.progress(String(error)),
    );
    this.#options.progress("stopping the connectors");
    for (const name of ["chaos-tables", "chaos-lines"]) {
      await this.#cluster.rest.insist("PUT", `/connectors/${name}/stop`);
      await until(`${name} is stopped`, () => this.#cluster.rest.isIn("STOPPED", name, 0));
    }
    this.#options.progress("reading every topic from its start");
    const ledgers = await readLedgers(this.#cluster.kafka.bootstrapServers, this.#topics);
    return new Map([...ledgers].map(([topic, ledger]) => [topic, ledger.compare(numbers.get(topic)!)]));
  }
}
