import type { TopicPartitionOffset } from "@millrace/kafka";
import type { FakeCluster } from "@millrace/kafka/fake";
import type { Verdict } from "../verdict.ts";

const ORDER = "sink-order (I4, I5)";
const COMMIT = "sink-commit (I5, I6)";

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * A sink task gets the visible records of a partition in order, none left out (I4, I5). Offsets are committed only of
 * what was put, what `preCommit` returned, and what the sink has made durable (I6).
 */
export class SinkDelivery {
  readonly #verdict: Verdict;
  readonly #cluster: FakeCluster;
  /** Topic partition → offsets made durable by a sink. */
  readonly #durable = new Map<string, Set<number>>();
  /** Topic partition → the highest offset that a `preCommit` returned. */
  readonly #returned = new Map<string, number>();
  /** Topic partition → everything visible before it is known to be durable. */
  readonly #checked = new Map<string, number>();
  /** Instance and topic partition → the offset that may come next. */
  readonly #next = new Map<string, number>();

  constructor(verdict: Verdict, cluster: FakeCluster) {
    this.#verdict = verdict;
    this.#cluster = cluster;
  }

  /** An instance gets a partition, and reads from where the group stands. */
  opened(instance: number, group: string, topic: string, partition: number): void {
    const [committed] = this.#cluster.group(group).committed([{ topic, partition }]);
    this.#next.set(`${instance} ${keyOf({ topic, partition })}`, committed?.offset ?? 0);
  }

  put(instance: number, { topic, partition, offset }: Position): void {
    const key = `${instance} ${keyOf({ topic, partition })}`;
    const next = this.#next.get(key);
    if (next === undefined) {
      this.#verdict.fail(ORDER, `${topic}-${partition} ${offset} was put into a task that does not have the partition`);
      return;
    }
    const skipped = this.#visible(topic, partition, next, offset)[0];
    if (skipped !== undefined) {
      this.#verdict.fail(ORDER, `${topic}-${partition} ${offset} was put, and ${skipped} before it was not`);
    }
    this.#next.set(key, offset + 1);
  }

  /** The sink has made it durable. */
  stored({ topic, partition, offset }: Position): void {
    const key = keyOf({ topic, partition });
    const durable = this.#durable.get(key) ?? new Set();
    this.#durable.set(key, durable.add(offset));
  }

  preCommitted({ topic, partition, offset }: Position): void {
    const key = keyOf({ topic, partition });
    this.#returned.set(key, Math.max(this.#returned.get(key) ?? 0, offset));
  }

  /** A worker asks Kafka to commit these. */
  committing(offsets: readonly TopicPartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) {
      const key = keyOf({ topic, partition });
      const returned = this.#returned.get(key) ?? 0;
      if (offset > returned) {
        this.#verdict.fail(COMMIT, `${topic}-${partition} ${offset} is committed, preCommit returned ${returned}`);
      }
      const missing = this.#visible(topic, partition, this.#checked.get(key) ?? 0, offset).find(
        (each) => !this.#durable.get(key)?.has(each),
      );
      if (missing !== undefined) {
        this.#verdict.fail(COMMIT, `${topic}-${partition} ${offset} is committed, ${missing} is not in the sink`);
      }
      this.#checked.set(key, Math.max(this.#checked.get(key) ?? 0, offset));
    }
  }

  /** Whether the group has committed everything there is to read of these topics. */
  isComplete(group: string, topics: readonly string[]): boolean {
    return topics.every((topic) =>
      this.#cluster.partitions(topic).every((log, partition) => {
        const last = log.read(0, Number.POSITIVE_INFINITY, "read_committed").records.at(-1);
        if (last === undefined) return true;
        const [committed] = this.#cluster.group(group).committed([{ topic, partition }]);
        return committed !== undefined && committed.offset > last.offset;
      }),
    );
  }

  #visible(topic: string, partition: number, from: number, to: number): number[] {
    if (from >= to) return [];
    const { records } = this.#cluster.partition({ topic, partition }).read(from, to - from, "read_committed");
    return records.map(({ offset }) => offset).filter((offset) => offset < to);
  }
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}-${partition}`;
}
