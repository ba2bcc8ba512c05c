import type { SinkRecord, SinkTopicPartition } from "@millrace/connect";
import type { JdbcConnection } from "../connection/connection.ts";
import { fenced, OffsetTable, type StoredOffset } from "./offset-table.ts";
import type { BeforeRows } from "./sink-writer.ts";

/** Which records are in the target, by the offsets kept there. Partitions and offsets are those in Kafka, before transforms. */
export class ExactlyOnce {
  readonly #connector: string;
  #table: OffsetTable | null = null;
  readonly #held = new Map<string, StoredOffset>();
  #uncertain = false;

  constructor(connector: string) {
    this.#connector = connector;
  }

  /** Claims the partitions. What it gives says where to go on. */
  async open(connection: JdbcConnection, partitions: readonly SinkTopicPartition[]): Promise<StoredOffset[]> {
    this.#table ??= new OffsetTable(this.#connector, connection);
    const stored: StoredOffset[] = [];
    for (const { topic, partition } of partitions) {
      const claimed = await this.#table.claim(connection, { topic, partition });
      this.#held.set(keyOf(topic, partition), claimed);
      stored.push(claimed);
    }
    return stored;
  }

  close(partitions: readonly SinkTopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#held.delete(keyOf(topic, partition));
  }

  /** A write has failed: perhaps it was committed all the same. */
  uncertain(): void {
    this.#uncertain = true;
  }

  /**
   * Those of the records that the target does not have. After a failure the target is asked: an offset that has moved since we
   * last knew is our own write, whose answer was lost. Otherwise what Kafka gives is what is missing, also where a topic
   * was made anew and its offsets begin at 0.
   */
  async unwritten(connection: JdbcConnection, records: readonly SinkRecord[]): Promise<readonly SinkRecord[]> {
    if (!this.#uncertain) return records;
    const moved = new Map<string, number>();
    for (const [key, held] of this.#held) {
      const { next, epoch } = await this.#table!.read(connection, held);
      if (epoch !== held.epoch) throw fenced([held]);
      if (next !== null && next !== held.next) moved.set(key, next);
    }
    this.#uncertain = false;
    if (moved.size === 0) return records;
    for (const [key, next] of moved) this.#held.set(key, { ...this.#held.get(key)!, next });
    return records.filter((record) => record.originalOffset >= (moved.get(recordKey(record)) ?? 0));
  }

  /** Moves the offsets behind the records, if nobody else has taken their partitions. */
  advance(records: readonly SinkRecord[]): BeforeRows {
    return (connection) => this.#table!.advance(connection, this.#ends(records));
  }

  written(records: readonly SinkRecord[]): void {
    for (const end of this.#ends(records)) this.#held.set(keyOf(end.topic, end.partition), end);
  }

  #ends(records: readonly SinkRecord[]): StoredOffset[] {
    const ends = new Map<string, StoredOffset>();
    for (const record of records) {
      const key = recordKey(record);
      const known = ends.get(key);
      const next = Math.max(known?.next ?? -1, record.originalOffset + 1);
      const { originalTopic: topic, originalPartition: partition } = record;
      // Not ours: its epoch matches no row.
      const epoch = this.#held.get(key)?.epoch ?? -1;
      ends.set(key, { topic, partition, next, epoch });
    }
    return [...ends.values()];
  }
}

const keyOf = (topic: string, partition: number) => `${topic}-${partition}`;
const recordKey = (record: SinkRecord) => keyOf(record.originalTopic, record.originalPartition);
