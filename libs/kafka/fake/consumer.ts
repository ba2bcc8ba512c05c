import type {
  ClientConfig,
  ConsumedRecord,
  Consumer,
  RebalanceListener,
  TopicPartition,
  TopicPartitionOffset,
} from "../client.ts";
import { KafkaError } from "../errors.ts";
import type { FakeCluster } from "./cluster.ts";
import { type Group, type Member, partitionKey } from "./groups.ts";
import type { Isolation } from "./partition-log.ts";

const BEGINNING = -2;
const END = -1;

export class FakeConsumer implements Consumer {
  readonly #cluster: FakeCluster;
  readonly #id: number;
  readonly #group: Group | null;
  readonly #isolation: Isolation;
  readonly #resetTo: number;
  /** Eager protocol: what changes at all is given up whole and taken anew. */
  readonly #eager: boolean;
  readonly #positions = new Map<string, number>();
  readonly #paused = new Set<string>();
  #assigned = new Map<string, TopicPartition>();
  #member: Member | null = null;
  #listener: RebalanceListener | null = null;
  #closing: Promise<void> | null = null;
  #closed = false;

  constructor(cluster: FakeCluster, config: ClientConfig, id: number) {
    this.#cluster = cluster;
    this.#id = id;
    this.#group = config["group.id"] ? cluster.group(config["group.id"]) : null;
    this.#isolation = config["isolation.level"] === "read_committed" ? "read_committed" : "read_uncommitted";
    this.#eager = (config["partition.assignment.strategy"] ?? "").endsWith(".RangeAssignor");
    this.#resetTo = config["auto.offset.reset"] === "earliest" ? BEGINNING : END;
  }

  async subscribe(
    topics: readonly string[] | { readonly pattern: string },
    listener: RebalanceListener,
  ): Promise<void> {
    if (!this.#group)
      throw new KafkaError("subscribing needs group.id: set it", { code: "_INVALID_ARG", kind: "invalid" });
    const pattern = "pattern" in topics ? new RegExp(topics.pattern) : null;
    const names = "pattern" in topics ? [] : topics;
    const matches = (topic: string) => (pattern ? pattern.test(topic) : names.includes(topic));
    this.#listener = listener;
    // Subscribed to something else, a member keeps what it still wants.
    if (this.#member) this.#member.matches = matches;
    else {
      this.#member = { id: this.#id, matches, owned: this.#assigned, joined: false };
      this.#group.join(this.#member);
    }
    this.#cluster.changed();
  }

  async assign(partitions: readonly TopicPartitionOffset[]): Promise<void> {
    this.#assigned.clear();
    this.#positions.clear();
    for (const { topic, partition, offset } of partitions) {
      this.#assigned.set(partitionKey({ topic, partition }), { topic, partition });
      this.#positions.set(partitionKey({ topic, partition }), this.#resolve({ topic, partition }, offset));
    }
  }

  #resolve(partition: TopicPartition, offset: number): number {
    if (offset >= 0) return offset;
    return offset === END ? this.#cluster.partition(partition).end(this.#isolation) : 0;
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#assigned.values()];
  }

  async poll(recordsMax: number, timeoutMs: number): Promise<readonly ConsumedRecord[]> {
    const { clock, faults } = this.#cluster;
    this.#check();
    return faults.run("poll", this.#group?.id ?? "", async () => {
      const deadlineMs = clock.monotonicMs() + timeoutMs;
      for (;;) {
        if (this.#closed) return [];
        await this.#rebalance();
        const { records, moved } = this.#read(recordsMax);
        const leftMs = deadlineMs - clock.monotonicMs();
        if (records.length > 0 || moved || leftMs <= 0 || this.#closed) return records;
        await this.#cluster.waitForChange(leftMs);
      }
    });
  }

  #read(recordsMax: number): { records: ConsumedRecord[]; moved: boolean } {
    const records: ConsumedRecord[] = [];
    let moved = false;
    for (const [key, partition] of this.#assigned) {
      if (this.#paused.has(key) || !this.#cluster.topics.has(partition.topic)) continue;
      const from = this.#positions.get(key) ?? 0;
      const read = this.#cluster.partition(partition).read(from, recordsMax - records.length, this.#isolation);
      records.push(...read.records);
      moved ||= read.nextOffset > from;
      this.#positions.set(key, read.nextOffset);
    }
    return { records, moved };
  }

  async #rebalance(): Promise<void> {
    const [group, member, listener] = [this.#group, this.#member, this.#listener];
    if (!group || !member || !listener) return;
    if (!member.joined) {
      await this.#giveUp(this.assignment(), (partitions) => listener.lost(partitions));
      // Closed meanwhile: it has left for good.
      if (this.#closed) return;
      group.join(member);
    }
    const meant = group.target(member, this.#cluster.topics);
    const keys = new Set(meant.map(partitionKey));
    const surplus = this.assignment().filter((partition) => !keys.has(partitionKey(partition)));
    const all = this.#eager && (surplus.length > 0 || meant.some((partition) => group.isFree(partition)));
    await this.#giveUp(all ? this.assignment() : surplus, (partitions) => listener.revoked(partitions));
    if (this.#closed) return;
    const gained = meant.filter((partition) => group.isFree(partition));
    if (gained.length > 0) await this.#take(gained, group, listener);
  }

  async #giveUp(
    partitions: readonly TopicPartition[],
    tell: (partitions: readonly TopicPartition[]) => Promise<void>,
  ): Promise<void> {
    if (partitions.length === 0) return;
    try {
      await tell(partitions);
    } finally {
      for (const partition of partitions) {
        this.#assigned.delete(partitionKey(partition));
        this.#positions.delete(partitionKey(partition));
        this.#paused.delete(partitionKey(partition));
      }
      this.#cluster.changed();
    }
  }

  /** Partitions are owned before the listener runs, so that nobody else takes them meanwhile. */
  async #take(gained: readonly TopicPartition[], group: Group, listener: RebalanceListener): Promise<void> {
    for (const partition of gained) {
      this.#assigned.set(partitionKey(partition), partition);
      const start = group.committed([partition])[0]?.offset ?? this.#resolve(partition, this.#resetTo);
      this.#positions.set(partitionKey(partition), start);
    }
    await listener.assigned(gained);
  }

  position(partition: TopicPartition): number | null {
    return this.#positions.get(partitionKey(partition)) ?? null;
  }

  endOffset(partition: TopicPartition): number | null {
    return this.#cluster.topics.has(partition.topic) ? this.#cluster.partition(partition).end(this.#isolation) : null;
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.add(partitionKey(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(partitionKey(partition));
    this.#cluster.changed();
  }

  async seek(to: TopicPartitionOffset): Promise<void> {
    this.#check();
    this.#positions.set(partitionKey(to), this.#resolve(to, to.offset));
    this.#cluster.changed();
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly TopicPartitionOffset[]> {
    this.#check();
    return this.#group?.committed(partitions) ?? [];
  }

  commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    return this.#cluster.faults.run("commitOffsets", this.#group?.id ?? "", () => {
      if (this.#closed) this.#check();
      this.#group?.commit(this.#member, offsets);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  expel(): void {
    if (this.#member) this.#group?.expel(this.#member);
  }

  async #leave(): Promise<void> {
    const listener = this.#listener;
    if (listener && this.#member?.joined) {
      await this.#giveUp(this.assignment(), (partitions) => listener.revoked(partitions));
    }
    this.#closed = true;
    if (this.#member) this.#group?.leave(this.#member);
    this.#cluster.changed();
  }

  #check(): void {
    if (this.#closing) throw new KafkaError("this consumer is closed: make another", { code: "_STATE", kind: "fatal" });
  }
}
