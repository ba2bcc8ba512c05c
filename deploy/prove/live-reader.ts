import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { TopicPartition, TopicPartitionOffset } from "@millrace/kafka";
import { Ledger } from "./ledger.ts";
import { partitionsOf } from "./topic-reader.ts";

/** What the follower is started with, and sends back. */
export interface Follow {
  readonly bootstrapServers: string;
  readonly from: readonly TopicPartitionOffset[];
}

/** Numbers of one partition in the order read; `next` is where to go on. */
export interface Followed extends TopicPartition {
  readonly numbers: readonly number[];
  readonly next: number;
}

const follower = fileURLToPath(new URL("./topic-follower.ts", import.meta.url));

/** The writers never rest: a follower that reads nothing for so long is worth another try by a new one. */
const SILENT_MS_MAX = 30_000;

/**
 * Follows topics while the broker comes and goes: shows what has arrived so far. In a process of its own, started again where
 * it stopped: a broker that is killed can take a librdkafka client with it (confluentinc/librdkafka#5280).
 */
export class LiveReader {
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly #bootstrapServers: string;
  readonly #next = new Map<string, TopicPartitionOffset>();
  #child: ChildProcess | null = null;
  #stopped = false;

  constructor(bootstrapServers: string, topics: readonly string[]) {
    this.#bootstrapServers = bootstrapServers;
    this.ledgers = new Map(topics.map((topic) => [topic, new Ledger()]));
  }

  async start(): Promise<void> {
    for (const partition of await partitionsOf(this.#bootstrapServers, [...this.ledgers.keys()])) {
      this.#next.set(keyOf(partition), { ...partition, offset: 0 });
    }
    this.#follow();
  }

  /** Distinct records so far. */
  get distinct(): number {
    return [...this.ledgers.values()].reduce((sum, ledger) => sum + ledger.distinct, 0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  #follow(): void {
    // By its place, not its name: the working directory may be anywhere.
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const child = fork(follower, { execArgv: ["--import", tsx] });
    this.#child = child;
    const silence = setTimeout(() => child.kill("SIGKILL"), SILENT_MS_MAX);
    child.on("message", ({ topic, partition, numbers, next }: Followed) => {
      silence.refresh();
      for (const number of numbers) this.ledgers.get(topic)!.read(partition, number);
      this.#next.set(keyOf({ topic, partition }), { topic, partition, offset: next });
    });
    // Nothing it sent is lost: messages come before the end of their channel, which is what "close" waits for.
    child.on("close", () => {
      clearTimeout(silence);
      this.#child = null;
      if (!this.#stopped) this.#follow();
    });
    child.send({ bootstrapServers: this.#bootstrapServers, from: [...this.#next.values()] } satisfies Follow);
  }
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
