import type { Clock, Random } from "@millrace/time";
import type { ClientConfig, ConsumedRecord, Consumer, KafkaClient, NewTopic, TopicPartition } from "../client.ts";
import { KafkaError } from "../errors.ts";
import { FakeAdmin } from "./admin.ts";
import { FakeConsumer } from "./consumer.ts";
import { Faults } from "./faults.ts";
import { Group } from "./groups.ts";
import { type Isolation, PartitionLog } from "./partition-log.ts";
import { FakeProducer, FakeTransactionalProducer } from "./producer.ts";
import { type EndedTransaction, Transactions } from "./transactions.ts";

export interface FakeClusterDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Told of each transaction that held records, in the moment it ends. */
  readonly transactionEnded?: (transaction: EndedTransaction) => void;
}

const DEFAULT_PARTITIONS = 1;

/**
 * A Kafka cluster in memory, for tests: everything happens in the order of the calls, on the given clock and random
 * numbers, so a run is repeatable. Covers what the ports promise; `conformance.ts` holds it to that.
 */
export class FakeCluster {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly transactions: Transactions;
  readonly #topics = new Map<string, PartitionLog[]>();
  readonly #groups = new Map<string, Group>();
  readonly #producers = new Set<FakeProducer>();
  #waiting: (() => void)[] = [];
  #nextId = 1;

  constructor({ clock, random, transactionEnded = () => {} }: FakeClusterDeps) {
    this.clock = clock;
    this.random = random;
    this.faults = new Faults(clock);
    this.transactions = new Transactions(clock, () => this.changed(), transactionEnded);
  }

  client(): KafkaClient {
    return {
      producer: (config) => this.#connect(config, () => this.#producer(config)),
      transactionalProducer: (config) =>
        this.#connect(config, () => {
          const id = config["transactional.id"];
          if (!id) throw new KafkaError("a Kafka client needs transactional.id: set it", INVALID);
          return new FakeTransactionalProducer(this, this.#producer(config), id);
        }),
      consumer: (config) => this.#connect(config, () => new FakeConsumer(this, config, this.#nextId++)),
      admin: (config) => this.#connect(config, () => new FakeAdmin(this)),
    };
  }

  #connect<T>(config: ClientConfig, make: () => T): Promise<T> {
    const about = config["transactional.id"] ?? config["group.id"] ?? config["client.id"] ?? "";
    return this.faults.run("connect", about, make);
  }

  #producer(config: ClientConfig): FakeProducer {
    const producer = new FakeProducer(this, config);
    this.#producers.add(producer);
    return producer;
  }

  /** Every record that a consumer of this isolation would see now, by partition and offset. */
  log(topic: string, { isolation = "read_committed" }: { isolation?: Isolation } = {}): ConsumedRecord[] {
    const logs = this.#topics.get(topic) ?? [];
    return logs.flatMap((log) => log.read(0, Number.POSITIVE_INFINITY, isolation).records);
  }

  /** Cuts the connection of every producer of this transactional id: it is dead, its transaction stays open. */
  killProducers(transactionalId: string): void {
    for (const producer of this.#producers) {
      if (producer.about === transactionalId) producer.kill();
    }
  }

  /** Puts every member out of the group: their next poll tells `lost` and joins again. */
  expelMembers(groupId: string): void {
    this.group(groupId).expel();
    this.changed();
  }

  /** Puts this consumer out of its group, if it is in one, as the broker does when it has not been heard of. */
  expel(consumer: Consumer): void {
    if (consumer instanceof FakeConsumer) consumer.expel();
    this.changed();
  }

  get topics(): ReadonlyMap<string, number> {
    return new Map([...this.#topics].map(([topic, logs]) => [topic, logs.length]));
  }

  createTopic({ topic, partitions, configs }: NewTopic): boolean {
    if (this.#topics.has(topic)) return false;
    const count = partitions === -1 ? DEFAULT_PARTITIONS : partitions;
    this.#topics.set(
      topic,
      Array.from({ length: count }, () => new PartitionLog(Number(configs["max.message.bytes"] ?? 1_048_588))),
    );
    this.changed();
    return true;
  }

  deleteTopic(topic: string): void {
    if (!this.#topics.delete(topic)) throw unknownTopic(topic, "invalid");
    this.changed();
  }

  partitions(topic: string): PartitionLog[] {
    const logs = this.#topics.get(topic);
    if (!logs) throw unknownTopic(topic, "retriable");
    return logs;
  }

  partition({ topic, partition }: TopicPartition): PartitionLog {
    const log = this.partitions(topic)[partition];
    if (!log) throw new KafkaError(`topic ${topic} has no partition ${partition}`, INVALID);
    return log;
  }

  group(id: string): Group {
    const group = this.#groups.get(id) ?? new Group(id);
    this.#groups.set(id, group);
    return group;
  }

  forget(producer: FakeProducer): void {
    this.#producers.delete(producer);
  }

  /** Wakes everybody who waits for records or partitions. */
  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  waitForChange(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(timeoutMs, resolve);
      this.#waiting.push(() => {
        cancel();
        resolve();
      });
    });
  }
}

const INVALID = { code: "_INVALID_ARG", kind: "invalid" } as const;

function unknownTopic(topic: string, kind: "invalid" | "retriable"): KafkaError {
  return new KafkaError(`topic ${topic} does not exist: create it`, { code: "UNKNOWN_TOPIC_OR_PART", kind });
}
