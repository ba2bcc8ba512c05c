import { ConnectError, isConnectError, RetriableError, type SinkTopicPartition } from "@millrace/connect";
import type { JdbcConnection } from "../connection/connection.ts";
import { createOffsets, type OffsetSql, offsetSql } from "./offset-sql.ts";

/** What the target knows of a partition. */
export interface StoredOffset extends SinkTopicPartition {
  /** Of the next record; null when none was written yet. */
  readonly next: number | null;
  /** Raised by each task that takes the partition: an older one can write no more. */
  readonly epoch: number;
}

/** Kafka will say the same soon; until then nothing is written. */
export function fenced(lost: readonly SinkTopicPartition[]): RetriableError {
  const partitions = lost.map(({ topic, partition }) => `${topic}-${partition}`).join(", ");
  return new RetriableError(`Another task has taken over ${partitions}: nothing was written`, { code: "FENCED" });
}

/**
 * Offsets kept in the target, so that they change in the transaction that writes the rows.
 *
 *   task A: claims (epoch 1) ─ writes … ─ frozen                        ─ wakes, writes: epoch is 2, rolled back
 *   task B:                              claims (epoch 2), reads next ─ writes
 *
 * The claim changes the row that A's transaction has locked, if it has one open: B waits until A's has ended, and reads
 * what A has committed.
 */
export class OffsetTable {
  readonly #sql: OffsetSql;
  #isThere = false;

  constructor(connector: string, connection: JdbcConnection) {
    this.#sql = offsetSql(connector, connection.product);
  }

  /** Takes a partition over from whoever had it. */
  async claim(connection: JdbcConnection, partition: SinkTopicPartition): Promise<StoredOffset> {
    await this.#ensure(connection);
    const { raiseEpoch, insert } = this.#sql;
    try {
      return await connection.transaction(async () => {
        if ((await connection.execute(raiseEpoch(partition))) === 0) await connection.execute(insert(partition));
        return this.read(connection, partition);
      });
    } catch (error) {
      // Another task may have put the row there in between.
      if (!isConnectError(error) || error.retriable) throw error;
      return connection.transaction(async () => {
        await connection.execute(raiseEpoch(partition));
        return this.read(connection, partition);
      });
    }
  }

  async read(connection: JdbcConnection, partition: SinkTopicPartition): Promise<StoredOffset> {
    const [row] = (await connection.query(this.#sql.read(partition))).rows;
    if (row === undefined)
      throw new ConnectError(`The row of ${partition.topic}-${partition.partition} is gone from ${this.#sql.table}`);
    const next = Number(row[0]);
    return {
      topic: partition.topic,
      partition: partition.partition,
      next: next < 0 ? null : next,
      epoch: Number(row[1]),
    };
  }

  /**
   * Inside of the transaction that writes the rows, before them: locks the partitions' rows until its end.
   * @throws RetriableError, see `fenced`, when another task has taken one of them.
   */
  async advance(connection: JdbcConnection, offsets: readonly StoredOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    const sorted = [...offsets].sort((a, b) =>
      a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition,
    );
    const changed = await connection.execute(this.#sql.advance(sorted));
    if (changed === offsets.length) return;
    throw fenced(offsets);
  }

  /** As a user says it; null: as if none had been written. Fences tasks that may still run. */
  async set(connection: JdbcConnection, partition: SinkTopicPartition, next: number | null): Promise<void> {
    const { epoch } = await this.claim(connection, partition);
    await this.advance(connection, [{ ...partition, next: next ?? -1, epoch }]);
  }

  async #ensure(connection: JdbcConnection): Promise<void> {
    if (this.#isThere) return;
    const exists = () =>
      connection.query(this.#sql.probe).then(
        () => true,
        (error) => {
          if (isConnectError(error) && error.retriable) throw error;
          return false;
        },
      );
    if (!(await exists())) {
      try {
        await connection.execute(createOffsets(this.#sql.table, connection.product));
      } catch (error) {
        if (!(await exists())) throw error;
      }
    }
    this.#isThere = true;
  }
}
