import type { Logger } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import {
  atLeastOnceProducer,
  type ClientLayers,
  exactlyOnceProducer,
  replacedMessage,
  type TaskIdentity,
  workerOffsetsProducer,
} from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import type { ErrorHandler } from "../stages/error-handler.ts";
import { AtLeastOnceCommitter } from "./at-least-once.ts";
import type { Committer } from "./delivery.ts";
import { ExactlyOnceCommitter } from "./exactly-once.ts";
import { type RecordSender, RefusedRecords } from "./refused-records.ts";
import { TwoLevelCommitter } from "./two-level-committer.ts";

export interface CommitterOptions {
  readonly layers: ClientLayers;
  readonly identity: TaskIdentity;
  /** The connector's own, or the worker's. */
  readonly offsetsTopic: string;
  /** The connector's own topic stands before the worker's. */
  readonly twoLevel: boolean;
  readonly signal: AbortSignal;
  /** Of records that Kafka refuses; absent: they fail the commit. */
  readonly handler?: ErrorHandler;
  readonly logger: Logger;
  /** For how long a transaction is held open on purpose; 0: not longer than it takes. */
  readonly transactionIntervalMs: number;
  /** Exactly-once: runs once older producers are fenced, before anything is written. Rejects to go no further. */
  readonly initialised: () => Promise<void>;
}

export interface OpenedCommitter {
  /** Of records; the committer closes what is behind it. */
  readonly producer: RecordSender;
  readonly committer: Committer;
}

const TRANSACTION_TIMEOUT_DEFAULT_MS = 60_000;
/** The broker's own default for `transaction.max.timeout.ms`. */
const TRANSACTION_TIMEOUT_MAX_MS = 900_000;

/** What a source's records and offsets are written and committed with, as the worker and the connector are configured. */
export async function openCommitter(env: HostEnvironment, options: CommitterOptions): Promise<OpenedCommitter> {
  const exactlyOnce = env.worker.exactlyOnceSourceSupport === "enabled";
  const { producer, committer } = exactlyOnce
    ? await openExactlyOnce(env, options)
    : await openAtLeastOnce(env, options);
  return { producer, committer: options.twoLevel ? await openTwoLevel(env, committer, options) : committer };
}

/** Fences what ran before, then asks whether this generation is still wanted: in this order (I3, start sequence). */
async function openExactlyOnce(env: HostEnvironment, options: CommitterOptions): Promise<OpenedCommitter> {
  const { config, replaced } = exactlyOnceProducer(options.layers, options.identity);
  for (const each of replaced) options.logger.warn(replacedMessage(each));
  const transactionTimeoutMs = Number(
    config["transaction.timeout.ms"] ?? defaultTimeoutMs(options.transactionIntervalMs),
  );
  const producer = await env.kafka.transactionalProducer({
    ...config,
    "transaction.timeout.ms": String(transactionTimeoutMs),
  });
  try {
    failPoint("source.producer.made");
    await producer.initTransactions(transactionTimeoutMs);
    failPoint("source.init.after");
    await options.initialised();
    failPoint("source.verify.after");
    const { offsetsTopic, signal } = options;
    const committer = await ExactlyOnceCommitter.open({ producer, offsetsTopic, signal, transactionTimeoutMs });
    return { producer, committer };
  } catch (error) {
    await producer.close();
    throw error;
  }
}

async function openAtLeastOnce(env: HostEnvironment, options: CommitterOptions): Promise<OpenedCommitter> {
  const { layers, identity, offsetsTopic, signal, handler, logger } = options;
  const producer = await env.kafka.producer(atLeastOnceProducer(layers, identity));
  const refused = handler?.toleratesAll ? new RefusedRecords(handler) : null;
  const { offsetFlushTimeoutMs: flushTimeoutMs } = env.worker;
  const slow = () => logger.warn("records are not acknowledged yet; offsets wait for them", { flushTimeoutMs });
  const tolerate = refused && ((error: unknown) => refused.tolerate(error));
  const committer = new AtLeastOnceCommitter({ producer, offsetsTopic, signal, flushTimeoutMs, slow, tolerate });
  return { producer: refused?.sender(producer) ?? producer, committer };
}

async function openTwoLevel(env: HostEnvironment, primary: Committer, options: CommitterOptions): Promise<Committer> {
  const { layers, identity, signal, logger } = options;
  try {
    const producer = await env.kafka.producer(workerOffsetsProducer(layers, identity));
    const { offsetStorageTopic: offsetsTopic } = env.worker;
    return new TwoLevelCommitter({ primary, producer, offsetsTopic, signal, logger });
  } catch (error) {
    await primary.close(false);
    throw error;
  }
}

/** A transaction held open for an interval must not expire at the broker first. */
function defaultTimeoutMs(intervalMs: number): number {
  return Math.min(TRANSACTION_TIMEOUT_MAX_MS, Math.max(TRANSACTION_TIMEOUT_DEFAULT_MS, intervalMs * 2));
}
