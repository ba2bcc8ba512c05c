import type { Logger } from "@millrace/connect";
import { JavaPattern } from "@millrace/java-text";
import type { Consumer, RebalanceListener } from "@millrace/kafka";
import type { Clock } from "@millrace/time";
import { listSetting } from "../list-setting.ts";
import { isPlainPattern } from "./plain-pattern.ts";

/** `topics` or `topics.regex`, and what the consumer's settings say about finding topics. */
export interface SinkTopics {
  readonly names: readonly string[];
  /** Of the whole name, in Java's syntax; null: `names` are all. */
  readonly pattern: JavaPattern | null;
  /** `exclude.internal.topics`. */
  readonly excludeInternal: boolean;
  /** `metadata.max.age.ms`: how soon a new topic is noticed. */
  readonly relistMs: number;
}

export interface TopicSubscriptionDeps {
  readonly topics: SinkTopics;
  readonly consumer: Consumer;
  readonly listener: RebalanceListener;
  readonly listTopics: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const INTERNAL = ["__consumer_offsets", "__transaction_state", "__share_group_state"];
const RELIST_DEFAULT_MS = 300_000;

/** @throws PatternSyntaxError in Java's words. */
export function sinkTopics(
  connector: Readonly<Record<string, string>>,
  consumer: Readonly<Record<string, string>>,
): SinkTopics {
  const regex = (connector["topics.regex"] ?? "").trim();
  return {
    names: [...new Set(listSetting(connector.topics))],
    pattern: regex === "" ? null : new JavaPattern(regex),
    excludeInternal: consumer["exclude.internal.topics"]?.trim().toLowerCase() !== "false",
    relistMs: Number(consumer["metadata.max.age.ms"] ?? RELIST_DEFAULT_MS),
  };
}

/** Of the topics there are, those of a sink with a pattern. */
export function matchingTopics(
  { pattern, excludeInternal }: SinkTopics & { readonly pattern: JavaPattern },
  names: readonly string[],
): string[] {
  return names.filter((name) => pattern.matches(name) && !(excludeInternal && INTERNAL.includes(name)));
}

/**
 * What a sink's consumer is subscribed to. A pattern that the Kafka client understands as Java does is left to it; for any
 * other, topics are listed from time to time and those that match are subscribed to by name.
 */
export class TopicSubscription {
  #deps: TopicSubscriptionDeps;
  #subscribed = "";
  #found: readonly string[] | null = null;
  #relistAtMs = Number.POSITIVE_INFINITY;

  constructor(deps: TopicSubscriptionDeps) {
    this.#deps = deps;
  }

  async open(): Promise<void> {
    const { topics, consumer, listener } = this.#deps;
    const { names, pattern } = topics;
    if (pattern === null) return consumer.subscribe(names, listener);
    const internal = topics.excludeInternal && INTERNAL.some((name) => pattern.matches(name));
    if (!internal && isPlainPattern(pattern.pattern)) {
      return consumer.subscribe({ pattern: `^(?:${pattern.pattern})$` }, listener);
    }
    this.#found = await this.#list(pattern);
    return this.follow();
  }

  /** Between polls: subscribes to what was found since; looks again when it is time, without waiting for the answer. */
  async follow(): Promise<void> {
    const { topics, consumer, listener, clock, logger } = this.#deps;
    const found = this.#found;
    this.#found = null;
    if (found !== null) this.#relistAtMs = clock.monotonicMs() + topics.relistMs;
    if (found !== null && found.length > 0 && found.join() !== this.#subscribed) {
      this.#subscribed = found.join();
      await consumer.subscribe(found, listener);
    }
    if (topics.pattern === null || clock.monotonicMs() < this.#relistAtMs) return;
    this.#relistAtMs = clock.monotonicMs() + topics.relistMs;
    void this.#list(topics.pattern).then(
      (names) => {
        this.#found = names;
      },
      (error) => logger.warn("topics could not be listed; it is tried again later", { error: String(error) }),
    );
  }

  async #list(pattern: JavaPattern): Promise<readonly string[]> {
    const { topics, listTopics } = this.#deps;
    return matchingTopics({ ...topics, pattern }, await listTopics()).sort();
  }
}
