import type { ConsumedRecord } from "@millrace/kafka";
import type { EndedTransaction, FakeCluster } from "@millrace/kafka/fake";
import type { Verdict } from "../verdict.ts";

export const OFFSETS_TOPIC = "connect-offsets";
const CHECKER = "source-log (I1, I4)";

/** A record of a numbered source, as its value says it: `<source partition> <number> <task instance>`. */
export interface Numbered {
  readonly connector: string;
  readonly partition: string;
  readonly number: number;
  readonly instance: number;
}

const decoder = new TextDecoder();

export function topicOf(connector: string): string {
  return `t-${connector}`;
}

/** null: not a record of a numbered source. */
export function numberedOf({ topic, value }: ConsumedRecord): Numbered | null {
  if (!topic.startsWith("t-") || value === null) return null;
  const [partition = "", number = "", instance = ""] = decoder.decode(value).split(" ");
  return { connector: topic.slice(2), partition, number: Number(number), instance: Number(instance) };
}

/**
 * What is visible of each source partition is 1..k: no gap, no duplicate, in order (I4); and the visible offset of the
 * partition is k, with and never before its records (I1).
 */
export class SourceLog {
  readonly #verdict: Verdict;
  readonly #visible = new Map<string, number>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  /** k: the highest number visible of this source partition. */
  visible(connector: string, partition: string): number {
    return this.#visible.get(`${connector} ${partition}`) ?? 0;
  }

  transactionEnded({ transactionalId, outcome, records }: EndedTransaction): void {
    if (outcome !== "committed") return;
    const written = new Set<string>();
    const offsets = new Map<string, number>();
    for (const record of records) {
      const numbered = numberedOf(record);
      if (numbered !== null) written.add(this.#advance(numbered, transactionalId));
      if (record.topic === OFFSETS_TOPIC) this.#collectOffset(record, offsets);
    }
    for (const key of new Set([...written, ...offsets.keys()])) {
      const at = this.#visible.get(key) ?? 0;
      const offset = offsets.get(key);
      if (offset === at) continue;
      const found = offset === undefined ? "no offset" : `offset ${offset}`;
      this.#verdict.fail(CHECKER, `${transactionalId} committed ${key} up to ${at} with ${found}`);
    }
  }

  #advance({ connector, partition, number }: Numbered, transactionalId: string): string {
    const key = `${connector} ${partition}`;
    const before = this.#visible.get(key) ?? 0;
    if (number !== before + 1) {
      const what = number <= before ? "a duplicate" : "a gap";
      this.#verdict.fail(CHECKER, `${what} in ${key}: ${transactionalId} committed ${number} after ${before}`);
    }
    this.#visible.set(key, number);
    return key;
  }

  #collectOffset({ key, value }: ConsumedRecord, into: Map<string, number>): void {
    if (key === null || value === null) return;
    const [connector, { p }] = JSON.parse(decoder.decode(key)) as [string, { p: string }];
    into.set(`${connector} ${p}`, (JSON.parse(decoder.decode(value)) as { n: number }).n);
  }

  /** The same once more from the logs themselves, as a reader finds them at the end. */
  checkLogs(cluster: FakeCluster, connectors: readonly string[]): void {
    const seen = new Map<string, number>();
    for (const record of connectors.flatMap((connector) => cluster.log(topicOf(connector)))) {
      const { connector, partition, number } = numberedOf(record)!;
      const key = `${connector} ${partition}`;
      if (number !== (seen.get(key) ?? 0) + 1) {
        this.#verdict.fail(CHECKER, `a reader of ${key} finds ${number} after ${seen.get(key) ?? 0}`);
      }
      seen.set(key, number);
    }
    const offsets = new Map<string, number>();
    for (const record of cluster.log(OFFSETS_TOPIC)) this.#collectOffset(record, offsets);
    for (const [key, number] of seen) {
      if (offsets.get(key) !== number) {
        this.#verdict.fail(CHECKER, `a reader finds ${key} up to ${number} and offset ${offsets.get(key)}`);
      }
    }
  }
}
