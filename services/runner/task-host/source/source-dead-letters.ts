import type { SourceRecord } from "@millrace/connect";
import type { RecordHeader } from "@millrace/kafka";
import type { Reporter } from "../stages/error-handler.ts";
import { contextHeaders, type Failure, header, type TaskName } from "../stages/failure.ts";
import type { DeadLetterSettings } from "../stages/report-settings.ts";
import type { TaskStats } from "../task-stats.ts";
import type { EncodedRecord } from "./delivery.ts";
import { plainJson } from "./plain-json.ts";

export interface SourceDeadLettersDeps {
  readonly task: TaskName;
  readonly settings: DeadLetterSettings;
  readonly stats: TaskStats;
  /** Takes out of texts what config providers gave (I9). */
  readonly hide: (text: string) => string;
}

/**
 * A source's dead letter queue, which Kafka Connect has not. The record in place of one that failed goes the way of all
 * others: into the same transaction, and the source's offset moves on with it.
 */
export class SourceDeadLetters implements Reporter {
  #deps: SourceDeadLettersDeps;
  #next: EncodedRecord | null = null;

  constructor(deps: SourceDeadLettersDeps) {
    this.#deps = deps;
  }

  get settings(): DeadLetterSettings {
    return this.#deps.settings;
  }

  report(failure: Failure): null {
    if (failure.polled === null) return null;
    this.#deps.stats.deadLetterRequested();
    this.#next = this.#encode(failure, failure.polled);
    return null;
  }

  /** The record to send in place of the one reported last; once. */
  take(): EncodedRecord | null {
    const next = this.#next;
    this.#next = null;
    return next;
  }

  #encode(failure: Failure, source: SourceRecord): EncodedRecord {
    const { task, settings, hide } = this.#deps;
    const headers: RecordHeader[] = [];
    for (const { key, value } of source.headers ?? []) headers.push({ key, value: bytes(value) });
    if (settings.contextHeaders) {
      headers.push(
        header("topic", source.topic),
        header("source.partition", plainJson(source.sourcePartition)),
        header("source.offset", plainJson(source.sourceOffset)),
        ...contextHeaders(task, failure, hide),
      );
    }
    const timestampMs = Math.max(0, source.timestamp ?? 0);
    const record = { topic: settings.topic, partition: -1, timestampMs, headers, source };
    return { ...record, key: bytes(source.key), value: bytes(source.value) };
  }
}

const utf8 = new TextEncoder();

function bytes(value: unknown): Uint8Array | null {
  return value === null || value === undefined ? null : utf8.encode(plainJson(value));
}
