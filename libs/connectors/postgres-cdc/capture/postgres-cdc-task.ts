import { randomUUID } from "node:crypto";
import {
  isConnectError,
  isRetriable,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import { cdcSettings, type Settings } from "../config/settings.ts";
import { EventMaker } from "../events/event-maker.ts";
import { storedPosition } from "../events/position.ts";
import type { SourceNames } from "../events/source-blocks.ts";
import { topicName } from "../tables/adjust-name.ts";
import { PgError } from "../wire/pg-error.ts";
import { Capture } from "./capture.ts";
import { Confirmations } from "./confirmations.ts";
import { LagMetrics } from "./lag-metrics.ts";
import { RecordQueue } from "./record-queue.ts";

/** As in `source.version`: the release whose events these are. */
const VERSION = "3.6.0.Final";
const WAIT_MAX_MS = 1000;

/** Hands over what the capture reads; tells it what Kafka has committed. */
export class PostgresCdcTask implements SourceTask {
  #context!: SourceTaskContext;
  #queue!: RecordQueue;
  #lag!: LagMetrics;
  #confirmations = new Confirmations();
  #capture: Capture | null = null;
  #pulsing: Promise<void> | null = null;
  readonly #stopped = new AbortController();

  async start(context: SourceTaskContext): Promise<void> {
    this.#context = context;
    const settings = cdcSettings(context.config);
    const offset = await context.offsets.offset({ server: settings.topicPrefix });
    const names: SourceNames = {
      version: VERSION,
      name: settings.topicPrefix,
      database: settings.address.database,
    };
    this.#queue = new RecordQueue(settings.queueMax);
    this.#lag = new LagMetrics({
      metrics: context.metrics,
      name: settings.topicPrefix,
      queue: this.#queue,
      queueMax: settings.queueMax,
      nowMs: () => context.nowMs(),
    });
    this.#capture = new Capture({
      settings,
      names,
      maker: eventMaker(settings, context),
      queue: this.#queue,
      confirmations: this.#confirmations,
      stored: storedPosition(offset),
      storedOffset: offset,
      context,
    });
    this.#pulsing = this.#pulse();
    try {
      await this.#capture.start();
    } catch (error) {
      throw failure(error);
    }
  }

  async poll(): Promise<readonly SourceRecord[] | null> {
    try {
      if (this.#context.signal.aborted) return null;
      const records = await this.#queue.take();
      this.#lag.taken(records);
      if (records !== null) this.#confirmations.taken(records[records.length - 1]!);
      return records;
    } catch (error) {
      throw failure(error);
    }
  }

  commit(last: SourceRecord | null): void {
    if (last !== null) this.#confirmations.committed(last);
    failPoint("cdc.confirm.before");
    this.#capture?.confirm();
    failPoint("cdc.confirm.after");
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#pulsing;
    await this.#capture?.stop();
  }

  /** Lets a waiting poll return now and then, and at the end. */
  async #pulse(): Promise<void> {
    const signal = AbortSignal.any([this.#context.signal, this.#stopped.signal]);
    while (!signal.aborted) {
      await this.#context.sleep(WAIT_MAX_MS, signal).catch(() => {});
      this.#queue.wake();
    }
  }
}

function eventMaker(settings: Settings, context: SourceTaskContext): EventMaker {
  const { topicPrefix, topicDelimiter } = settings;
  return new EventMaker({
    prefix: topicPrefix,
    messageTopic: topicName([topicPrefix, "message"], topicDelimiter),
    heartbeatTopic: settings.heartbeat.topic,
    tombstones: settings.tombstones,
    context: settings.headers
      ? [
          ["connectorLogicalName", topicPrefix],
          ["taskId", String(context.task)],
          ["connectorName", "postgresql"],
          ["runId", randomUUID()],
        ]
      : null,
    nowMs: () => context.nowMs(),
  });
}

/** The stream cannot go on where it was within one run, so even what passes ends the task, which then starts anew. */
function failure(error: unknown): unknown {
  if (!isConnectError(error) || !isRetriable(error)) return error;
  const { message } = error;
  return new PgError(message, { state: "58030", cause: error });
}
