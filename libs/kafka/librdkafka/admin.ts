import { backoffMs, type Clock } from "@millrace/time";
import type { Admin, NewTopic, TopicPartition, TopicPartitionOffset } from "../client.ts";
import { isKafkaError } from "../errors.ts";
import { call, closedError, toKafkaError } from "./failure.ts";
import { type Callback, codeName, type NativeAdmin } from "./native.ts";

const LATEST = { timestamp: -1 };
const RETRY = { initialMs: 10, maxMs: 500, jitter: 0 };
const LEADER_EPOCHS = new Set(["FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH"]);
const ISOLATION = { read_uncommitted: 0, read_committed: 1 } as const;

export interface AdminDeps {
  readonly native: NativeAdmin;
  readonly clock: Clock;
  readonly about: string;
  readonly apiTimeoutMs: number;
  /** The addon does not show it: found by a client of its own. */
  readonly findClusterId: () => Promise<string>;
}

export class LibrdkafkaAdmin implements Admin {
  readonly #deps: AdminDeps;
  readonly #calls = new Set<Promise<unknown>>();
  #clusterId: Promise<string> | null = null;
  #closing: Promise<void> | null = null;

  constructor(deps: AdminDeps) {
    this.#deps = deps;
  }

  clusterId(): Promise<string> {
    this.#clusterId ??= this.#deps.findClusterId().catch((error) => {
      this.#clusterId = null;
      throw error;
    });
    return this.#clusterId;
  }

  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#retry(() => this.#describeTopics(topics));
  }

  async #describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (topics.length === 0) return new Map();
    const { native, apiTimeoutMs, about } = this.#deps;
    const found = await this.#run<Parameters<Parameters<NativeAdmin["describeTopics"]>[2]>[1]>("topics", (done) =>
      native.describeTopics(topics, { timeout: apiTimeoutMs }, done),
    );
    const counts = new Map<string, number>();
    for (const { name, partitions, error } of found) {
      if (!error || error.code === 0) counts.set(name, partitions.length);
      else if (codeName(error.code) !== "UNKNOWN_TOPIC_OR_PART")
        throw toKafkaError(error, "admin", `${about}, ${name}`);
    }
    return counts;
  }

  listTopics(): Promise<readonly string[]> {
    const { native, apiTimeoutMs } = this.#deps;
    return this.#run("topics", (done) => native.listTopics({ timeout: apiTimeoutMs }, done));
  }

  async createTopic({ topic, partitions, replicationFactor, configs }: NewTopic): Promise<boolean> {
    const { native, apiTimeoutMs } = this.#deps;
    const request = { topic, num_partitions: partitions, replication_factor: replicationFactor, config: configs };
    try {
      await this.#run<void>(`topic ${topic}`, (done) => native.createTopic(request, apiTimeoutMs, done));
      return true;
    } catch (error) {
      if (isKafkaError(error) && error.code === "TOPIC_ALREADY_EXISTS") return false;
      throw error;
    }
  }

  deleteTopic(topic: string): Promise<void> {
    const { native, apiTimeoutMs } = this.#deps;
    return this.#run(`topic ${topic}`, (done) => native.deleteTopic(topic, apiTimeoutMs, done));
  }

  endOffsets(
    partitions: readonly TopicPartition[],
    isolation: "read_uncommitted" | "read_committed",
  ): Promise<readonly TopicPartitionOffset[]> {
    return this.#retry(() => this.#endOffsets(partitions, isolation));
  }

  async #endOffsets(
    partitions: readonly TopicPartition[],
    isolation: "read_uncommitted" | "read_committed",
  ): Promise<readonly TopicPartitionOffset[]> {
    if (partitions.length === 0) return [];
    const { native, apiTimeoutMs, about } = this.#deps;
    const asked = partitions.map(({ topic, partition }) => ({ topic, partition, offset: LATEST }));
    const options = { timeout: apiTimeoutMs, isolationLevel: ISOLATION[isolation] };
    const found = await this.#run<Parameters<Parameters<NativeAdmin["listOffsets"]>[2]>[1]>("end offsets", (done) =>
      native.listOffsets(asked, options, done),
    );
    const stale = found.filter(({ error }) => LEADER_EPOCHS.has(codeName(error?.code ?? 0)));
    for (const topic of new Set(stale.map(({ topic }) => topic))) await this.#learnLeaders(topic);
    return found.map(({ topic, partition, offset, error }) => {
      if (error && error.code !== 0) throw toKafkaError(error, "admin", `${about}, end of ${topic}-${partition}`);
      return { topic, partition, offset: offset ?? 0 };
    });
  }

  /** librdkafka keeps what it knows of leaders for minutes, also when it is refused for being out of date. */
  async #learnLeaders(topic: string): Promise<void> {
    const { native, apiTimeoutMs } = this.#deps;
    await this.#run(`leaders of ${topic}`, (done) => native.getMetadata({ topic, timeout: apiTimeoutMs }, done));
  }

  groupOffsets(groupId: string): Promise<readonly TopicPartitionOffset[]> {
    return this.#retry(() => this.#groupOffsets(groupId));
  }

  async #groupOffsets(groupId: string): Promise<readonly TopicPartitionOffset[]> {
    const { native, apiTimeoutMs, about } = this.#deps;
    const groups = await this.#run<Parameters<Parameters<NativeAdmin["listConsumerGroupOffsets"]>[2]>[1]>(
      `group ${groupId}`,
      (done) => native.listConsumerGroupOffsets([{ groupId, partitions: null }], { timeout: apiTimeoutMs }, done),
    );
    return groups.flatMap(({ partitions, error }) => {
      if (error && error.code !== 0) throw toKafkaError(error, "admin", `${about}, group ${groupId}`);
      return partitions.flatMap(({ topic, partition, offset }) =>
        offset === undefined || offset < 0 ? [] : [{ topic, partition, offset }],
      );
    });
  }

  async deleteGroup(groupId: string): Promise<boolean> {
    const { native, apiTimeoutMs, about } = this.#deps;
    const [result] = await this.#run<Parameters<Parameters<NativeAdmin["deleteGroups"]>[2]>[1]>(
      `group ${groupId}`,
      (done) => native.deleteGroups([groupId], { timeout: apiTimeoutMs }, done),
    );
    const error = result?.error;
    if (!error || error.code === 0) return true;
    if (codeName(error.code) === "GROUP_ID_NOT_FOUND") return false;
    throw toKafkaError(error, "admin", `${about}, group ${groupId}`);
  }

  /** A new topic has no leader for some milliseconds, and a coordinator may be moving: reads ask again, as Java's do. */
  async #retry<T>(read: () => Promise<T>): Promise<T> {
    const { clock, apiTimeoutMs } = this.#deps;
    const deadlineMs = clock.monotonicMs() + apiTimeoutMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await read();
      } catch (error) {
        const again = isKafkaError(error) && error.retriable && !this.#closing;
        if (!again || clock.monotonicMs() >= deadlineMs) throw error;
      }
      await clock.sleep(backoffMs(attempt, RETRY, 0));
    }
  }

  #run<T>(what: string, start: (done: Callback<T>) => void): Promise<T> {
    if (this.#closing) return Promise.reject(closedError("admin client"));
    const running = call<T>("admin", `${this.#deps.about}, ${what}`, start);
    this.#calls.add(running);
    const settle = () => this.#calls.delete(running);
    running.then(settle, settle);
    return running;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#calls).then(() => this.#deps.native.disconnect());
    return this.#closing;
  }
}
