import type { TopicPartition, TopicPartitionOffset } from "../client.ts";
import { KafkaError } from "../errors.ts";

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

export interface Member {
  readonly id: number;
  matches: (topic: string) => boolean;
  readonly owned: Map<string, TopicPartition>;
  /** False once the group has put it out: its partitions are gone and its commits are refused. */
  joined: boolean;
}

/**
 * A consumer group. Rebalances are cooperative and happen in the members' polls: a member first gives up what is no
 * longer meant for it, then takes what is meant for it and nobody owns.
 */
export class Group {
  readonly id: string;
  readonly #members = new Map<number, Member>();
  readonly #offsets = new Map<string, TopicPartitionOffset>();

  constructor(id: string) {
    this.id = id;
  }

  join(member: Member): void {
    member.joined = true;
    this.#members.set(member.id, member);
  }

  leave(member: Member): void {
    member.joined = false;
    member.owned.clear();
    this.#members.delete(member.id);
  }

  /** Puts every member out, or only one, as an expired session does. */
  expel(only?: Member): void {
    for (const member of only ? [only] : [...this.#members.values()]) {
      member.joined = false;
      this.#members.delete(member.id);
    }
  }

  /** What `member` shall own: each topic's partitions dealt out among those subscribed, in order of joining. */
  target(member: Member, topics: ReadonlyMap<string, number>): TopicPartition[] {
    const meant: TopicPartition[] = [];
    for (const [topic, count] of [...topics].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const members = [...this.#members.values()].filter((other) => other.matches(topic));
      const place = members.indexOf(member);
      if (place < 0) continue;
      for (let partition = place; partition < count; partition += members.length) meant.push({ topic, partition });
    }
    return meant;
  }

  isFree(partition: TopicPartition): boolean {
    const key = partitionKey(partition);
    return ![...this.#members.values()].some((member) => member.owned.has(key));
  }

  commit(member: Member | null, offsets: readonly TopicPartitionOffset[]): void {
    if (member && !member.joined) {
      throw new KafkaError(`group ${this.id}: this member was put out; poll to join again`, {
        code: "UNKNOWN_MEMBER_ID",
        kind: "fenced",
      });
    }
    if (!member && this.#members.size > 0) {
      throw new KafkaError(`group ${this.id} has members: only they can commit`, {
        code: "UNKNOWN_MEMBER_ID",
        kind: "fenced",
      });
    }
    for (const { topic, partition, offset } of offsets) {
      this.#offsets.set(partitionKey({ topic, partition }), { topic, partition, offset });
    }
  }

  /** false: there was nothing to delete. */
  delete(): boolean {
    if (this.#members.size > 0) {
      throw new KafkaError(`group ${this.id} has members and cannot be deleted`, {
        code: "NON_EMPTY_GROUP",
        kind: "invalid",
      });
    }
    const existed = this.#offsets.size > 0;
    this.#offsets.clear();
    return existed;
  }

  committed(partitions: readonly TopicPartition[]): TopicPartitionOffset[] {
    return partitions.flatMap((partition) => this.#offsets.get(partitionKey(partition)) ?? []);
  }

  offsets(): TopicPartitionOffset[] {
    return [...this.#offsets.values()];
  }
}
