import type { Admin, NewTopic, TopicPartition, TopicPartitionOffset } from "../client.ts";
import { KafkaError } from "../errors.ts";
import type { FakeCluster } from "./cluster.ts";
import type { Isolation } from "./partition-log.ts";

const TOPIC_CONFIGS = new Set(
  (
    "cleanup.policy compression.type delete.retention.ms file.delete.delay.ms flush.messages flush.ms " +
    "index.interval.bytes max.compaction.lag.ms max.message.bytes message.timestamp.type min.cleanable.dirty.ratio " +
    "min.compaction.lag.ms min.insync.replicas preallocate retention.bytes retention.ms segment.bytes " +
    "segment.index.bytes segment.jitter.ms segment.ms unclean.leader.election.enable"
  ).split(" "),
);

export class FakeAdmin implements Admin {
  readonly #cluster: FakeCluster;
  #closed = false;

  constructor(cluster: FakeCluster) {
    this.#cluster = cluster;
  }

  clusterId(): Promise<string> {
    return this.#run("clusterId", () => "fake-cluster");
  }

  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#run("describeTopics", () => {
      const known = this.#cluster.topics;
      return new Map(topics.flatMap((topic) => (known.has(topic) ? [[topic, known.get(topic)!] as const] : [])));
    });
  }

  listTopics(): Promise<readonly string[]> {
    return this.#run("listTopics", () => [...this.#cluster.topics.keys()]);
  }

  createTopic(topic: NewTopic): Promise<boolean> {
    return this.#run(`createTopic ${topic.topic}`, () => {
      const unknown = Object.keys(topic.configs).find((name) => !TOPIC_CONFIGS.has(name));
      if (unknown) throw new KafkaError(`unknown topic config ${unknown}`, { code: "INVALID_CONFIG", kind: "invalid" });
      return this.#cluster.createTopic(topic);
    });
  }

  deleteTopic(topic: string): Promise<void> {
    return this.#run(`deleteTopic ${topic}`, () => this.#cluster.deleteTopic(topic));
  }

  endOffsets(partitions: readonly TopicPartition[], isolation: Isolation): Promise<readonly TopicPartitionOffset[]> {
    return this.#run("endOffsets", () =>
      partitions.map(({ topic, partition }) => ({
        topic,
        partition,
        offset: this.#cluster.partition({ topic, partition }).end(isolation),
      })),
    );
  }

  groupOffsets(groupId: string): Promise<readonly TopicPartitionOffset[]> {
    return this.#run(`groupOffsets ${groupId}`, () => this.#cluster.group(groupId).offsets());
  }

  deleteGroup(groupId: string): Promise<boolean> {
    return this.#run(`deleteGroup ${groupId}`, () => this.#cluster.group(groupId).delete());
  }

  async #run<T>(about: string, effect: () => T): Promise<T> {
    if (this.#closed)
      throw new KafkaError("this admin client is closed: make another", { code: "_STATE", kind: "fatal" });
    return this.#cluster.faults.run("admin", about, effect);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
