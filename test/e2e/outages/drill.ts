import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../../deploy/prove/cluster.ts";
import { isExact } from "../../../deploy/prove/ledger.ts";
import { LiveReader } from "../../../deploy/prove/live-reader.ts";
import { Writer } from "../../../deploy/prove/numbered-rows.ts";
import { type ProvenConnector, proveSources } from "../../../deploy/prove/streams.ts";
import { createTopics, readLedgers } from "../../../deploy/prove/topic-reader.ts";
import { until } from "../../../deploy/prove/until.ts";
import { ConfigWrites } from "./config-writes.ts";

/** What an outage has done to a cluster. */
export interface DrillResult {
  /** The longest time in which nothing new arrived on some stream. */
  readonly dataGapMs: number;
  /** From the end of the outage until every task was RUNNING and config writes were taken. */
  readonly recoveredMs: number;
  /** Tasks that are elsewhere than before, such as "proof-lines-1". */
  readonly moved: readonly string[];
  /** Config writes that were answered with a 2xx, and how many of them the history lacks. */
  readonly accepted: number;
  readonly forgotten: number;
}

const LOOK_MS = 20;
const RECOVERY_TIMEOUT_MS = 120_000;

/** Files that flow through a cluster and a connector whose configuration is written all the time, while parts of it are away. */
export class Drill {
  readonly cluster: Cluster;
  readonly #connectors: readonly ProvenConnector[];
  readonly #reader: LiveReader;
  readonly #writer: Writer;
  readonly #configs: ConfigWrites;

  private constructor(cluster: Cluster, connectors: readonly ProvenConnector[]) {
    this.cluster = cluster;
    this.#connectors = connectors;
    const streams = connectors.flatMap((connector) => connector.streams);
    const topics = streams.map(({ topic }) => topic);
    this.#reader = new LiveReader(cluster.kafka.bootstrapServers, topics);
    // Never ends by itself: the outages decide how long it writes.
    this.#writer = new Writer(streams, { perStream: 1_000_000, phases: 2, phaseMs: 10_000_000 });
    this.#configs = new ConfigWrites(cluster.rest, "written-often");
  }

  static async start(cluster: Cluster): Promise<Drill> {
    const connectors = await proveSources(["file"], cluster, null);
    const drill = new Drill(cluster, connectors);
    await createTopics(cluster.kafka.bootstrapServers, [...drill.#reader.ledgers.keys()], 1);
    for (const { name, config } of connectors)
      await cluster.rest.insist("PUT", `/connectors/${name}/config`, config(0));
    await drill.#reader.start();
    drill.#writer.start();
    await drill.#configs.start();
    await until("every task runs", () => drill.#allRunning());
    await until("every stream flows", () => [...drill.#highest().values()].every((highest) => highest > 0));
    return drill;
  }

  /** Watches while `run` breaks something and mends it again, and until all is well. */
  async during(run: () => Promise<void>): Promise<DrillResult> {
    await this.#configs.resume();
    const before = await this.#places();
    const gaps = new DataGaps(() => this.#highest());
    const outage = run();
    await gaps.watch(outage);
    await outage;
    const start = performance.now();
    const recovering = until("every task runs again", () => this.#allRunning(), RECOVERY_TIMEOUT_MS)
      .then(() => this.#configs.accepts())
      .then(() => sleep(500));
    await gaps.watch(recovering);
    await recovering;
    const recoveredMs = performance.now() - start - 500;
    const { accepted, forgotten } = await this.#configs.check();
    const after = await this.#places();
    const moved = [...before].filter(([name, worker]) => after.get(name) !== worker).map(([name]) => name);
    return { dataGapMs: gaps.longestMs, recoveredMs, moved, accepted, forgotten };
  }

  /** Ends the flow and reads every topic anew. @returns topics whose records did not arrive once and in order, with why. */
  async verify(): Promise<readonly string[]> {
    await this.#configs.stop();
    await this.#writer.stop();
    const streams = this.#connectors.flatMap((connector) => connector.streams);
    const expected = streams.reduce((sum, { written }) => sum + written, 0);
    const arrived = () => this.#reader.distinct >= expected;
    await until(`all ${expected} records arrive`, arrived).catch(() => {});
    await this.#reader.stop();
    const topics = streams.map(({ topic }) => topic);
    const ledgers = await readLedgers(this.cluster.kafka.bootstrapServers, topics);
    const verdicts = await Promise.all(
      streams.map(
        async (stream) => [stream.topic, ledgers.get(stream.topic)!.compare(await stream.numbers())] as const,
      ),
    );
    return verdicts.flatMap(([topic, verdict]) => (isExact(verdict) ? [] : [`${topic}: ${JSON.stringify(verdict)}`]));
  }

  #highest(): Map<string, number> {
    return new Map([...this.#reader.ledgers].map(([topic, ledger]) => [topic, ledger.highest]));
  }

  async #allRunning(): Promise<boolean> {
    const health = await this.cluster.rest.ask("GET", "/health").catch(() => null);
    if (health?.status !== 200) return false;
    for (const { name, tasks } of this.#connectors) {
      if (!(await this.cluster.rest.isIn("RUNNING", name, tasks))) return false;
    }
    return true;
  }

  async #places(): Promise<Map<string, string>> {
    const places = new Map<string, string>();
    for (const { name } of this.#connectors) {
      const status = await this.cluster.rest.status(name);
      places.set(name, status?.tasks.map((task) => task.worker_id).join() ?? "");
    }
    return places;
  }
}

class DataGaps {
  readonly #highest: () => Map<string, number>;
  readonly #since = new Map<string, { highest: number; atMs: number }>();
  longestMs = 0;

  constructor(highest: () => Map<string, number>) {
    this.#highest = highest;
  }

  async watch(running: Promise<unknown>): Promise<void> {
    let over = false;
    const ended = () => {
      over = true;
    };
    running.then(ended, ended);
    while (!over) {
      this.#look();
      await sleep(LOOK_MS);
    }
    this.#look();
  }

  #look(): void {
    const atMs = performance.now();
    for (const [topic, highest] of this.#highest()) {
      const last = this.#since.get(topic);
      if (last !== undefined) this.longestMs = Math.max(this.longestMs, atMs - last.atMs);
      if (last?.highest !== highest) this.#since.set(topic, { highest, atMs });
    }
  }
}
