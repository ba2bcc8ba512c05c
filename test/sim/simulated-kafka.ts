import {
  type Admin,
  type ClientConfig,
  type Consumer,
  type KafkaClient,
  KafkaError,
  type KafkaErrorKind,
  type Producer,
  type RebalanceListener,
  type TopicPartitionOffset,
  type TransactionalProducer,
} from "@millrace/kafka";
import type { FakeCluster } from "@millrace/kafka/fake";
import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import type { Lateness, ServerLink } from "./server-link.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { Timeline } from "./timeline.ts";

export interface SimulatedKafkaOptions {
  readonly cluster: FakeCluster;
  readonly process: SimulatedProcess;
  readonly link: ServerLink;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  /** How long the brokers wait to hear from a member of a group. */
  readonly sessionTimeoutMs: number;
  /** The brokers have fenced older producers of this transactional id. */
  readonly fenced: (transactionalId: string) => void;
  /** A sink asks for offsets to be committed. */
  readonly committing: (groupId: string, offsets: readonly TopicPartitionOffset[]) => void;
}

const REQUEST_TIMEOUT_MS = 5_000;
/** Until a client hears, at most, that its full queue has room again. */
const DRAINED_MAX_MS = 1_000;
const NO_MEMBER = { code: "UNKNOWN_MEMBER_ID", kind: "fenced" } as const;

/** The Kafka client of one process: everything it asks goes over its link, everything it hears waits until it runs. */
export class SimulatedKafka implements KafkaClient {
  readonly #options: SimulatedKafkaOptions;
  readonly #inner: KafkaClient;
  readonly #consumers = new Set<Consumer>();
  /** Local queues take a record now and then. */
  isFull = false;

  constructor(options: SimulatedKafkaOptions) {
    this.#options = options;
    this.#inner = options.cluster.client();
    // The brokers notice in time.
    options.process.onDeath(() => {
      options.timeline.after(options.sessionTimeoutMs, () => {
        for (const consumer of this.#consumers) void consumer.close();
      });
    });
  }

  /** The brokers have not heard of this process for as long as they wait. */
  expire(): void {
    for (const consumer of this.#consumers) this.#options.cluster.expel(consumer);
  }

  async producer(config: ClientConfig): Promise<Producer> {
    const inner = await this.#call("connect", () => this.#inner.producer(config));
    return this.#openProducer(inner);
  }

  async transactionalProducer(config: ClientConfig): Promise<TransactionalProducer> {
    const inner = await this.#call("connect", () => this.#inner.transactionalProducer(config));
    const { link } = this.#options;
    const call = (what: string, kind: KafkaErrorKind, timeoutMs: number, effect: () => Promise<void>) =>
      link.call(effect, lateness(what, kind, timeoutMs));
    return {
      ...this.#openProducer(inner),
      initTransactions: (timeoutMs) =>
        call("initTransactions", "retriable", timeoutMs, async () => {
          await inner.initTransactions(timeoutMs);
          this.#options.fenced(config["transactional.id"] ?? "");
        }),
      // Local to the client.
      beginTransaction: () => this.#options.process.hear(inner.beginTransaction()),
      commitTransaction: (timeoutMs) =>
        call("commitTransaction", "indefinite", timeoutMs, () => inner.commitTransaction(timeoutMs)),
      abortTransaction: (timeoutMs) =>
        call("abortTransaction", "indefinite", timeoutMs, () => inner.abortTransaction(timeoutMs)),
    };
  }

  #openProducer(inner: Producer): Producer {
    const { process, timeline, link, random } = this.#options;
    let room = 0;
    return {
      send: (...record) => (!this.isFull || room-- > 0) && inner.send(...record),
      drained: async (signal) => {
        await process.hear(timeline.sleep(random.next() * DRAINED_MAX_MS));
        room = 1;
        await process.hear(inner.drained(signal));
      },
      flush: (timeoutMs) => link.call(() => inner.flush(timeoutMs), lateness("flush", "retriable", timeoutMs)),
      queued: () => inner.queued(),
      close: () => process.hear(inner.close()),
    };
  }

  async consumer(config: ClientConfig): Promise<Consumer> {
    const inner = await this.#call("connect", () => this.#inner.consumer(config));
    const { process, link, committing } = this.#options;
    this.#consumers.add(inner);
    /** How often it was put out of its group. A commit belongs to the membership that asked for it. */
    let losses = 0;
    const lost = () => {
      losses++;
    };
    /** Over one connection none overtakes another. */
    let commits: Promise<void> = Promise.resolve();
    const commitAs = (membership: number, offsets: readonly TopicPartitionOffset[]) => {
      const commit = commits.then(() => {
        if (membership !== losses) throw new KafkaError("simulated: no longer a member", NO_MEMBER);
        return inner.commit(offsets);
      });
      commits = commit.catch(() => {});
      return commit;
    };
    return {
      subscribe: (topics, listener) => process.hear(inner.subscribe(topics, this.#told(listener, lost))),
      assign: (partitions) => this.#call("assign", () => inner.assign(partitions)),
      assignment: () => inner.assignment(),
      poll: (recordsMax, timeoutMs) => process.hear(this.#poll(inner, recordsMax, timeoutMs)),
      position: (partition) => inner.position(partition),
      endOffset: (partition) => inner.endOffset(partition),
      pause: (partitions) => inner.pause(partitions),
      resume: (partitions) => inner.resume(partitions),
      seek: (to) => process.hear(inner.seek(to)),
      committed: (partitions) => this.#call("committed", () => inner.committed(partitions)),
      commit: (offsets) => {
        committing(config["group.id"] ?? "", offsets);
        const membership = losses;
        return link.call(
          () => commitAs(membership, offsets),
          lateness("commitOffsets", "retriable", REQUEST_TIMEOUT_MS),
        );
      },
      close: () => {
        this.#consumers.delete(inner);
        return process.hear(inner.close());
      },
    };
  }

  /** Whoever cannot reach the brokers gets nothing from them. */
  async #poll(inner: Consumer, recordsMax: number, timeoutMs: number) {
    const { link, timeline } = this.#options;
    if (link.isUp) return inner.poll(recordsMax, timeoutMs);
    await timeline.sleep(timeoutMs);
    return [];
  }

  /** The dead are not asked; their partitions go to others all the same. */
  #told(listener: RebalanceListener, lost: () => void): RebalanceListener {
    const { process } = this.#options;
    const tell = (call: () => Promise<void>) => {
      if (process.isDead) return Promise.resolve();
      const died = new Promise<void>((resolve) => process.onDeath(resolve));
      return Promise.race([process.ask(call), died]);
    };
    return {
      assigned: (partitions) => tell(() => listener.assigned(partitions)),
      revoked: (partitions) => tell(() => listener.revoked(partitions)),
      lost: (partitions) => {
        lost();
        return tell(() => listener.lost(partitions));
      },
    };
  }

  async admin(config: ClientConfig): Promise<Admin> {
    const inner = await this.#call("connect", () => this.#inner.admin(config));
    const call = <T>(effect: () => Promise<T>) => this.#call("admin", effect);
    return {
      clusterId: () => call(() => inner.clusterId()),
      describeTopics: (topics) => call(() => inner.describeTopics(topics)),
      listTopics: () => call(() => inner.listTopics()),
      createTopic: (topic) => call(() => inner.createTopic(topic)),
      deleteTopic: (topic) => call(() => inner.deleteTopic(topic)),
      endOffsets: (partitions, isolation) => call(() => inner.endOffsets(partitions, isolation)),
      groupOffsets: (groupId) => call(() => inner.groupOffsets(groupId)),
      deleteGroup: (groupId) => call(() => inner.deleteGroup(groupId)),
      close: () => this.#options.process.hear(inner.close()),
    };
  }

  #call<T>(what: string, effect: () => Promise<T>): Promise<T> {
    return this.#options.link.call(effect, lateness(what, "retriable", REQUEST_TIMEOUT_MS));
  }
}

function lateness(what: string, kind: KafkaErrorKind, timeoutMs: number): Lateness {
  const late = () => new KafkaError(`simulated: ${what} timed out`, { code: "_TIMED_OUT", kind });
  return { timeoutMs, unsent: late, unanswered: late };
}
