// Pure: which offsets of a sink task are consumed, delivered and committed.
import type { SinkOffset, SinkTopicPartition } from "@millrace/connect";

/** Offsets are those of the next record to read, as Kafka counts them. */
export class SinkOffsets {
  #delivered = new Map<string, SinkOffset>();
  /** Where reading starts again after a failed commit: what the group holds, else where reading began. */
  #restart = new Map<string, SinkOffset>();

  /** Reading of this partition begins here, unless it is known to begin elsewhere. */
  begin(offset: SinkOffset): void {
    const key = keyOf(offset);
    if (!this.#restart.has(key)) this.#restart.set(key, offset);
  }

  /** The task has been given everything of this partition before `offset`. */
  deliver(offset: SinkOffset): void {
    this.#delivered.set(keyOf(offset), offset);
  }

  /** What a commit is asked about: of these partitions (default all), those delivered from. */
  delivered(of?: readonly SinkTopicPartition[]): SinkOffset[] {
    if (of === undefined) return [...this.#delivered.values()];
    return of.flatMap((partition) => this.#delivered.get(keyOf(partition)) ?? []);
  }

  /** Where the group stands: after an assignment or a commit. */
  committed(offset: SinkOffset): void {
    this.#restart.set(keyOf(offset), offset);
  }

  /** The task asked to read from here: this may be committed, even if it lies before what the group holds. */
  rewind(offset: SinkOffset): void {
    this.#delivered.set(keyOf(offset), offset);
    this.#restart.delete(keyOf(offset));
  }

  forget(partitions: readonly SinkTopicPartition[]): void {
    for (const partition of partitions) {
      this.#delivered.delete(keyOf(partition));
      this.#restart.delete(keyOf(partition));
    }
  }

  /**
   * Of what `preCommit` returned, what may be committed: never beyond what was delivered (I6), only partitions that are
   * ours, only what is news to the group.
   */
  committable(returned: readonly SinkOffset[]): SinkOffset[] {
    return returned.filter((offset) => {
      const delivered = this.#delivered.get(keyOf(offset));
      return (
        delivered !== undefined &&
        offset.offset <= delivered.offset &&
        this.#restart.get(keyOf(offset))?.offset !== offset.offset
      );
    });
  }

  /** Everything not committed is to be read again from these offsets, delivered or not. */
  backToCommitted(): SinkOffset[] {
    const back = [...this.#restart.values()];
    for (const offset of back) {
      if (this.#delivered.has(keyOf(offset))) this.#delivered.set(keyOf(offset), offset);
    }
    return back;
  }
}

function keyOf(partition: SinkTopicPartition): string {
  return `${partition.topic} ${partition.partition}`;
}
