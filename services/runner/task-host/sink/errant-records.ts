import {
  ConnectError,
  type ErrantRecordReporter,
  type Logger,
  type SinkRecord,
  type SinkTopicPartition,
} from "@millrace/connect";
import type { ConsumedRecord, RecordHeader } from "@millrace/kafka";
import { originOf } from "../stages/consumed-origin.ts";
import type { Converters } from "../stages/encode.ts";
import { beyondTolerance, type ErrorHandler } from "../stages/error-handler.ts";
import { partitionKey } from "./partition-key.ts";

export interface ErrantRecordsDeps {
  readonly handler: ErrorHandler;
  readonly converters: Converters;
  readonly logger: Logger;
}

const SINK_TASK = "org.apache.kafka.connect.sink.SinkTask";

/** Takes the records that a sink task cannot write; offsets are committed behind them only when they are reported. */
export class ErrantRecords implements ErrantRecordReporter {
  #deps: ErrantRecordsDeps;
  /** By partition: reports on their way, and those that failed. */
  #reports = new Map<string, Set<Promise<void>>>();
  #beyondTolerance: { readonly error: unknown } | null = null;

  constructor(deps: ErrantRecordsDeps) {
    this.#deps = deps;
  }

  /** Resolves when it is durable. Rejects when it got lost, or the connector tolerates no error: then `put` fails too. */
  report(record: SinkRecord, error: unknown): Promise<void> {
    const reported = this.#report(record, error);
    // A task need not wait for it.
    reported.catch(() => {});
    return reported;
  }

  async #report(record: SinkRecord, error: unknown): Promise<void> {
    const consumed = originOf(record) ?? (await this.#encode(record));
    const failure = { stage: "TASK_PUT", executing: SINK_TASK, error, consumed, polled: null } as const;
    try {
      const reports = this.#deps.handler.failed(failure);
      if (reports.length > 0)
        await this.#track(
          consumed,
          Promise.all(reports).then(() => {}),
        );
    } catch (failed) {
      if (!this.#deps.handler.toleratesAll) this.#beyondTolerance ??= { error };
      throw failed;
    }
  }

  /** A task that swallowed the error of a report must not go on. */
  assertTolerated(): void {
    if (this.#beyondTolerance !== null) throw beyondTolerance(this.#beyondTolerance.error);
  }

  /** Resolves when all reports of these partitions are durable. @throws ConnectError when one got lost. */
  async settled(partitions: readonly SinkTopicPartition[]): Promise<void> {
    const reports = partitions.flatMap((partition) => [...(this.#reports.get(partitionKey(partition)) ?? [])]);
    try {
      await Promise.all(reports);
    } catch (cause) {
      this.#deps.logger.error("Encountered an error while awaiting an errant record future's completion.", {
        error: cause,
      });
      throw new ConnectError(String(cause), { cause, code: "REPORT_LOST" });
    }
  }

  /** Partitions that are somebody else's now. */
  forget(partitions: readonly SinkTopicPartition[]): void {
    for (const partition of partitions) this.#reports.delete(partitionKey(partition));
  }

  #track(consumed: ConsumedRecord, report: Promise<void>): Promise<void> {
    const key = partitionKey(consumed);
    const reports = this.#reports.get(key) ?? new Set();
    this.#reports.set(key, reports.add(report));
    report.then(
      () => reports.delete(report),
      () => {},
    );
    return report;
  }

  /** A record that the task made itself goes back through the converters. */
  async #encode(record: SinkRecord): Promise<ConsumedRecord> {
    const { key, value, header } = this.#deps.converters;
    const { topic, partition, offset, timestamp, timestampType } = record;
    const headers: RecordHeader[] = [];
    const keyBytes = await key.fromConnectData(topic, record.keySchema, record.key);
    const valueBytes = await value.fromConnectData(topic, record.valueSchema, record.value);
    for (const { key: name, schema, value: data } of record.headers ?? []) {
      headers.push({ key: name, value: header.fromConnectHeader(topic, name, schema, data) });
    }
    return {
      topic,
      partition,
      offset,
      key: keyBytes,
      value: valueBytes,
      headers,
      timestampMs: timestamp,
      timestampType,
    };
  }
}
