import { ConnectError, type Logger } from "@millrace/connect";
import { isKafkaError, type KafkaClient, type Producer, type RecordHeader } from "@millrace/kafka";
import type { Clock } from "@millrace/time";
import type { Properties } from "../client-configs.ts";
import { endOf } from "../one-at-a-time.ts";
import type { TaskStats } from "../task-stats.ts";
import type { Reporter } from "./error-handler.ts";
import { contextHeaders, type Failure, type TaskName } from "./failure.ts";
import type { DeadLetterSettings } from "./report-settings.ts";

export interface DeadLetterQueueDeps {
  readonly task: TaskName;
  readonly settings: DeadLetterSettings;
  /** Of this queue alone; closed with it. */
  readonly producer: Producer;
  readonly stats: TaskStats;
  /** Takes out of texts what config providers gave (I9). */
  readonly hide: (text: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the task is cancelled: what is not written by then is given up. */
  readonly signal: AbortSignal;
}

interface DeadLetter {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
  readonly headers: readonly RecordHeader[];
  readonly written: () => void;
  readonly lost: (error: unknown) => void;
}

/** Above this many that wait, `room` makes its caller wait too (I8). */
const WAITING_MAX = 1_000;
/** A flush that takes longer is waited for on: the producer gives no record up by itself. */
const FLUSH_TIMEOUT_MS = 5_000;
/** For how long the end of a task, and so its status, waits for what it reported. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * The dead letter queue of one sink task: consumed records as they were, with headers that tell what went wrong.
 *
 *   IDLE ──report──▶ WRITING (what is reported meanwhile waits, and is written together) ──nothing waits──▶ IDLE
 */
export class DeadLetterQueue implements Reporter {
  #deps: DeadLetterQueueDeps;
  #waiting: DeadLetter[] = [];
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(deps: DeadLetterQueueDeps) {
    this.#deps = deps;
  }

  report(failure: Failure): Promise<void> | null {
    const { task, settings, stats, hide } = this.#deps;
    const { consumed } = failure;
    stats.deadLetterRequested();
    if (consumed === null) {
      stats.deadLetterFailed();
      return null;
    }
    const context = settings.contextHeaders ? contextHeaders(task, failure, hide) : [];
    const reported = new Promise<void>((written, lost) => {
      const { key, value, timestampMs } = consumed;
      const headers = [...consumed.headers, ...context];
      this.#waiting.push({ key, value, timestampMs: timestampMs ?? 0, headers, written, lost });
    });
    // Nobody need wait for it: a loss is logged and counted here.
    reported.catch(() => {});
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return reported;
  }

  /** Undefined while there is room; else resolves when all that waits is written. */
  room(): Promise<void> | undefined {
    return this.#waiting.length < WAITING_MAX ? undefined : this.settled();
  }

  /** Resolves when everything reported is written or lost, or the task is cancelled. */
  async settled(): Promise<void> {
    const { signal } = this.#deps;
    while (this.#writing !== null && !signal.aborted) await endOf(this.#writing, signal);
  }

  /** What is not written soon is lost. */
  async close(): Promise<void> {
    const late = new AbortController();
    const deadline = this.#deps.clock.sleep(CLOSE_TIMEOUT_MS, late.signal).catch(() => {});
    await Promise.race([this.settled(), deadline]);
    late.abort();
    this.#closed = true;
    await this.#deps.producer.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const letters = this.#waiting.splice(0);
      const sent: DeadLetter[] = [];
      for (const letter of letters) {
        if (await this.#send(letter)) sent.push(letter);
      }
      await this.#flush(sent);
    }
  }

  async #send(letter: DeadLetter): Promise<boolean> {
    const { producer, settings, signal } = this.#deps;
    const { key, value, timestampMs, headers } = letter;
    try {
      while (!producer.send(settings.topic, -1, value, key, timestampMs, headers)) await producer.drained(signal);
      return true;
    } catch (error) {
      this.#lost([letter], error);
      return false;
    }
  }

  /** The producer tells of the first failure only: with one record lost, all that were sent with it count as lost. */
  async #flush(letters: readonly DeadLetter[]): Promise<void> {
    const { producer, signal } = this.#deps;
    if (letters.length === 0) return;
    for (;;) {
      try {
        await producer.flush(FLUSH_TIMEOUT_MS);
        for (const { written } of letters) written();
        return;
      } catch (error) {
        const slow = isKafkaError(error) && error.code === "_TIMED_OUT";
        if (!slow || signal.aborted || this.#closed) return this.#lost(letters, error);
      }
    }
  }

  #lost(letters: readonly DeadLetter[], error: unknown): void {
    const { settings, stats, logger } = this.#deps;
    logger.error(`Could not produce message to dead letter queue. topic=${settings.topic}`, { error });
    for (const { lost } of letters) {
      stats.deadLetterFailed();
      lost(error);
    }
  }
}

/**
 * Makes the queue's topic exist, with one partition.
 * @throws KafkaError where Kafka is in trouble, so that the task starts again; ConnectError where Kafka refuses.
 */
export async function createDeadLetterTopic(
  deps: { readonly kafka: KafkaClient; readonly logger: Logger },
  adminConfig: Properties,
  { topic, replicationFactor }: DeadLetterSettings,
): Promise<void> {
  const admin = await deps.kafka.admin(adminConfig);
  try {
    if ((await admin.describeTopics([topic])).has(topic)) return;
    deps.logger.error(`Topic ${topic} doesn't exist. Will attempt to create topic.`);
    await admin.createTopic({ topic, partitions: 1, replicationFactor, configs: {} });
  } catch (error) {
    if (!isKafkaError(error) || error.kind !== "invalid") throw error;
    const message = `Could not initialize dead letter queue with topic=${topic}`;
    throw new ConnectError(message, { cause: error, code: "DEAD_LETTER_TOPIC" });
  } finally {
    await admin.close();
  }
}
