// Pure: which offsets of a sink task are consumed, delivered and committed.
import type { SinkOffset, SinkTopicPartition } from "@millrace/connect";
import { partitionKey, partitionText } from "./partition-key.ts";

/** What `preCommit` returned, sorted out. */
export interface Committable {
  /** Empty when there is nothing new to commit. */
  readonly offsets: readonly SinkOffset[];
  /** Why others are ignored, one line each. */
  readonly warnings: readonly string[];
}

/** Offsets are those of the next record to read, as Kafka counts them. */
export class SinkOffsets {
  /** What the task has been given everything before. */
  #delivered = new Map<string, SinkOffset>();
  /** Where the group stands, and reading starts again after a failed commit; where reading began until the first commit. */
  #committed = new Map<string, SinkOffset>();

  /** Reading of this partition begins here, unless it is known to begin elsewhere. */
  begin({ topic, partition, offset }: SinkOffset): void {
    const key = partitionKey({ topic, partition });
    if (this.#committed.has(key)) return;
    this.#committed.set(key, { topic, partition, offset });
    this.#delivered.set(key, { topic, partition, offset });
  }

  /** The task has been given everything of this partition before `offset`. */
  deliver(offset: SinkOffset): void {
    this.#delivered.set(partitionKey(offset), offset);
  }

  /** The task asked to read from here, and takes what lies before as done. */
  rewind(offset: SinkOffset): void {
    this.#committed.set(partitionKey(offset), offset);
    this.#delivered.set(partitionKey(offset), offset);
  }

  /** A commit has succeeded; partitions given up meanwhile are left out. */
  committed(offsets: readonly SinkOffset[]): void {
    for (const offset of offsets) {
      const key = partitionKey(offset);
      if (this.#committed.has(key)) this.#committed.set(key, offset);
    }
  }

  /** What a commit is asked about, of these partitions. */
  delivered(of: readonly SinkTopicPartition[]): SinkOffset[] {
    return of.flatMap((partition) => this.#delivered.get(partitionKey(partition)) ?? []);
  }

  /** Records given to the task whose offsets are not committed. */
  active(): number {
    let active = 0;
    for (const [key, { offset }] of this.#delivered) active += offset - (this.#committed.get(key)?.offset ?? offset);
    return active;
  }

  forget(partitions: readonly SinkTopicPartition[]): void {
    for (const partition of partitions) {
      this.#delivered.delete(partitionKey(partition));
      this.#committed.delete(partitionKey(partition));
    }
  }

  /**
   * Of what `preCommit` returned, what may be committed: never beyond what was delivered (I6), only partitions it was
   * asked about. With one that is new, the others are committed again as they stand, as in Connect.
   * @param asked what `preCommit` was called with.
   */
  committable(
    returned: readonly SinkOffset[],
    asked: readonly SinkOffset[],
    assigned: readonly SinkTopicPartition[],
  ): Committable {
    const delivered = new Map(asked.map((offset) => [partitionKey(offset), offset.offset]));
    const offsets = new Map(asked.map((offset) => [partitionKey(offset), this.#committed.get(partitionKey(offset))!]));
    const warnings: string[] = [];
    let news = false;
    for (const offset of returned) {
      const key = partitionKey(offset);
      const limit = delivered.get(key);
      if (limit === undefined) {
        if (!assigned.some((partition) => partitionKey(partition) === key)) {
          const texts = assigned.map(partitionText).join(", ");
          warnings.push(`${ignored(offset)} -- partition not assigned, assignment=[${texts}]`);
        }
      } else if (offset.offset > limit) {
        warnings.push(`${ignored(offset)} -- not yet consumed, taskOffset=${offset.offset} currentOffset=${limit}`);
      } else {
        news ||= offset.offset !== offsets.get(key)?.offset;
        offsets.set(key, offset);
      }
    }
    return { offsets: news ? [...offsets.values()] : [], warnings };
  }

  /** Everything not committed is to be read again, from the offsets returned. */
  backToCommitted(of: readonly SinkTopicPartition[]): SinkOffset[] {
    const back = of.flatMap((partition) => this.#committed.get(partitionKey(partition)) ?? []);
    for (const offset of back) this.#delivered.set(partitionKey(offset), offset);
    return back;
  }
}

function ignored(offset: SinkOffset): string {
  return `Ignoring invalid task provided offset ${partitionText(offset)}/OffsetAndMetadata{offset=${offset.offset}, leaderEpoch=null, metadata=''}`;
}
