import { setTimeout as sleep } from "node:timers/promises";
import { type FailPoint, failPoints } from "@millrace/fail-points";
import { type Cluster, startCluster } from "./cluster.ts";
import { cutLink } from "./cut-link.ts";
import { kill, type Struck } from "./killer.ts";
import { sumVerdicts } from "./ledger.ts";
import { LiveReader } from "./live-reader.ts";
import { type NumberedStream, openSource, Writer } from "./numbered-rows.ts";
import type { ProofResult, StrikeRecord } from "./proof-report.ts";
import { SeededRandom } from "./seeded-random.ts";
import { type ProvenConnector, proveSources, type SourceKind } from "./streams.ts";
import { strikeAtFailPoint } from "./strike-at-fail-point.ts";
import { planStrikes, type Strike, type StrikeOptions, unreplaced, victims } from "./strikes.ts";
import { createTopics, readLedgers } from "./topic-reader.ts";
import { until } from "./until.ts";

export interface ProofOptions {
  readonly sources: readonly SourceKind[];
  readonly records: number;
  readonly kills: number;
  readonly seed: number;
  readonly mix: StrikeOptions["mix"];
  /** In which the share of records between two kills is written. */
  readonly phaseMs: number;
  /** Nothing stays down, frozen or cut off for longer than a few seconds, unless something else must take over first. */
  readonly brisk: boolean;
  readonly progress: (line: string) => void;
  /** Leaves logs and data of a failed run where they are. */
  readonly keepFiles: boolean;
}

const PARTITIONS = 3;
const RECOVERY_TIMEOUT_MS = 240_000;
const DRAIN_TIMEOUT_MS = 180_000;
const PROGRESS_INTERVAL_MS = 5_000;
const LOG_TAIL_LINES = 30;
/** By then a runner that was hit has been given up, or has come back: sessions take 5 s. */
const CALM_AFTER_MS = 7_000;

/**
 * Numbered records flow into Kafka while everything on the way is killed, frozen and cut off in turn. Each strike waits until
 * records written after it have arrived on every stream. In the end every topic is read from its start, read_committed.
 * Throws, with the end of every log, when data does not come back.
 */
export async function runProof(options: ProofOptions): Promise<ProofResult> {
  const start = performance.now();
  const { progress, seed } = options;
  progress("starting Kafka, NATS, two Postgres, 2 config services, 2 gateways, 3 schedulers, 3 runners …");
  const services = { runners: 3, schedulers: 3, configs: 2, gateways: 2, hostsPerRunner: 2 };
  const cluster = await startCluster({ groupId: "proof", ...services });
  let failed = true;
  try {
    const { strikes, verdicts } = await new Proof(cluster, options).run();
    const total = sumVerdicts([...verdicts.values()]);
    failed = total.lost + total.duplicated + total.reordered + total.unexpected > 0;
    return { sources: options.sources, seed, durationMs: performance.now() - start, strikes, verdicts };
  } catch (error) {
    progress(cluster.logTails(LOG_TAIL_LINES));
    throw error;
  } finally {
    const keepFiles = failed && options.keepFiles;
    if (keepFiles) progress(`logs and data are kept in ${cluster.dir}`);
    await cluster.stop({ keepFiles });
  }
}

class Proof {
  #cluster: Cluster;
  #options: ProofOptions;
  #random: SeededRandom;
  #sql: ReturnType<typeof openSource>;
  #connectors: ProvenConnector[] = [];
  #streams: NumberedStream[] = [];
  #reader: LiveReader | null = null;
  #revision = 0;
  #struckAtMs = 0;

  constructor(cluster: Cluster, options: ProofOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#sql = openSource(cluster.source.url);
  }

  async run(): Promise<Pick<ProofResult, "strikes" | "verdicts">> {
    const { sources, records, kills, phaseMs, progress } = this.#options;
    const { bootstrapServers } = this.#cluster.kafka;
    this.#connectors = await proveSources(sources, this.#cluster, this.#sql);
    this.#streams = this.#connectors.flatMap(({ streams }) => streams);
    await createTopics(bootstrapServers, this.#topics, PARTITIONS);
    for (const connector of this.#connectors) await this.#put(connector);
    await until("every task runs", () => this.#allRunning());
    const reader = new LiveReader(bootstrapServers, this.#topics);
    this.#reader = reader;
    await reader.start();
    const perStream = Math.ceil(records / this.#streams.length);
    const writer = new Writer(this.#streams, { perStream, phases: kills + 1, phaseMs });
    writer.start();
    const show = setInterval(
      () => progress(`  ${this.#written} written, ${reader.distinct} read`),
      PROGRESS_INTERVAL_MS,
    );
    try {
      await this.#dataAfter(this.#marks());
      const strikes: StrikeRecord[] = [];
      for (const strike of this.#plan()) {
        await sleep(phaseMs * this.#random.next());
        strikes.push(await this.#strike(strike, strikes.length + 1));
        writer.nextPhase();
      }
      await writer.finish();
      progress(`all ${this.#written} records are written; ${reader.distinct} read`);
      return { strikes, verdicts: await this.#verify(reader) };
    } finally {
      clearInterval(show);
      await writer.stop();
      await reader.stop();
      await this.#sql.end({ timeout: 1 });
    }
  }

  get #topics(): string[] {
    return this.#streams.map(({ topic }) => topic);
  }

  get #written(): number {
    return this.#streams.reduce((sum, { written }) => sum + written, 0);
  }

  /** What the sources do not need is not broken. */
  #plan(): Strike[] {
    const { kills, mix, sources } = this.#options;
    const usesDatabase = sources.includes("jdbc");
    const links = this.#cluster.links
      .map(({ name }) => name)
      .filter((name) => usesDatabase || !name.includes("source"));
    const wanted = victims.filter((victim) => usesDatabase || victim !== "source Postgres");
    const isFenced = this.#connectors.some(({ tasks }) => tasks > 1);
    const points = (Object.keys(failPoints) as FailPoint[]).filter(
      (point) => (isFenced || !failPoints[point].fencing) && failPoints[point].source === undefined,
    );
    return planStrikes({ kills, mix, links, points, victims: wanted }, this.#random);
  }

  async #put({ name, config }: ProvenConnector): Promise<void> {
    await this.#cluster.rest.insist("PUT", `/connectors/${name}/config`, config(0));
  }

  async #strike(strike: Strike, n: number): Promise<StrikeRecord> {
    if (strike.kind === "process" && unreplaced.has(strike.victim)) await this.#calm();
    const { what, isHit, mend, settle } = await this.#break(strike, n);
    const start = performance.now();
    const flowing = this.#dataAfter(this.#marks());
    const running = mend(flowing).then(() =>
      until(`every task runs again after ${what}`, () => this.#allRunning(), RECOVERY_TIMEOUT_MS),
    );
    const sinceStart = () => performance.now() - start;
    const [dataMs, controlMs] = await Promise.all([flowing.then(sinceStart), running.then(sinceStart)]);
    await settle?.();
    this.#struckAtMs = performance.now();
    const times = `data back after ${(dataMs / 1000).toFixed(1)} s, all RUNNING after ${(controlMs / 1000).toFixed(1)} s`;
    this.#options.progress(`${n}/${this.#options.kills} ${strike.kind}: ${what}: ${times}`);
    return { strike, what, isHit, dataMs, controlMs };
  }

  /**
   * Until the strikes before are over in every respect: a task that must start anew cannot without NATS and the leader's
   * database, and these stay down until data has flowed.
   */
  async #calm(): Promise<void> {
    await sleep(Math.max(0, this.#struckAtMs + CALM_AFTER_MS - performance.now()));
    await until("every task runs", () => this.#allRunning(), RECOVERY_TIMEOUT_MS);
    await this.#dataAfter(this.#marks());
  }

  /** With choices of its own, so that one strike that took other turns changes nothing of the next. */
  async #break(strike: Strike, n: number): Promise<Struck & { readonly isHit: boolean }> {
    const cluster = this.#cluster;
    const { seed, brisk } = this.#options;
    const context = { cluster, random: new SeededRandom(seed * 10_007 + n), brisk };
    if (strike.kind === "process") return { isHit: true, ...(await kill(strike.victim, context)) };
    if (strike.kind === "cut") return { isHit: true, ...cutLink(strike, context) };
    const { rest } = cluster;
    return strikeAtFailPoint(strike, context, {
      newConfig: async (signal) => {
        const { name, config } = context.random.pick(this.#connectors);
        this.#revision += 1;
        await rest.ask("PUT", `/connectors/${name}/config`, config(this.#revision), signal);
      },
      restart: async (signal) => {
        const { name } = context.random.pick(this.#connectors);
        await rest.ask("POST", `/connectors/${name}/restart?includeTasks=true`, undefined, signal);
      },
    });
  }

  #marks(): ReadonlyMap<string, number> {
    return new Map(this.#streams.map(({ topic, highest }) => [topic, highest]));
  }

  /** Records of every stream that were written after the marks have been read. */
  async #dataAfter(marks: ReadonlyMap<string, number>): Promise<void> {
    for (const [topic, mark] of marks) {
      const arrived = () => this.#reader!.ledgers.get(topic)!.highest > mark;
      await until(`a record after number ${mark} arrives in ${topic}`, arrived, RECOVERY_TIMEOUT_MS);
    }
  }

  async #allRunning(): Promise<boolean> {
    const { rest } = this.#cluster;
    const health = await rest.ask("GET", "/health").catch(() => null);
    if (health?.status !== 200) return false;
    for (const { name, tasks } of this.#connectors) if (!(await rest.isIn("RUNNING", name, tasks))) return false;
    return true;
  }

  /** Waits until nothing more comes, stops the connectors and reads every topic anew. */
  async #verify(reader: LiveReader): Promise<ProofResult["verdicts"]> {
    const { progress } = this.#options;
    const { kafka, rest } = this.#cluster;
    const numbers = new Map<string, number[]>();
    for (const stream of this.#streams) numbers.set(stream.topic, await stream.numbers());
    const expected = [...numbers.values()].reduce((sum, each) => sum + each.length, 0);
    const arrived = () => reader.distinct >= expected;
    await until(`all ${expected} records arrive`, arrived, DRAIN_TIMEOUT_MS).catch((error) => progress(String(error)));
    progress("stopping the connectors");
    for (const { name } of this.#connectors) {
      await rest.insist("PUT", `/connectors/${name}/stop`);
      await until(`${name} is stopped`, () => rest.isIn("STOPPED", name, 0));
    }
    progress("reading every topic from its start");
    const ledgers = await readLedgers(kafka.bootstrapServers, this.#topics);
    return new Map([...ledgers].map(([topic, ledger]) => [topic, ledger.compare(numbers.get(topic)!)]));
  }
}
