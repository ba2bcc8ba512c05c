// Pure: a record that failed, in the words of logs and of dead letter headers.
import { ConnectHeaders, type SourceRecord, valueText } from "@millrace/connect";
import type { ConsumedRecord, RecordHeader } from "@millrace/kafka";
import { errorClass, traceOf } from "../trace.ts";
import type { Stage } from "./tolerance.ts";

export interface Failure {
  readonly stage: Stage;
  /** Class of the plugin that was at work. */
  readonly executing: string;
  readonly error: unknown;
  /** What a sink consumed; null for a source. */
  readonly consumed: ConsumedRecord | null;
  /** What a source polled; null for a sink, and where it is not known any more. */
  readonly polled: SourceRecord | null;
}

export interface TaskName {
  readonly connector: string;
  readonly task: number;
}

/** Kafka Connect's line. @param includeRecord `errors.log.include.messages`: of a consumed record never its content. */
export function failureText({ connector, task }: TaskName, failure: Failure, includeRecord: boolean): string {
  const { stage, executing } = failure;
  const record = includeRecord ? recordText(failure) : "";
  return `Error encountered in task ${connector}-${task}. Executing stage '${stage}' with class '${executing}'${record}.`;
}

function recordText({ consumed, polled }: Failure): string {
  if (polled !== null) return `, where source record is = ${sourceRecordText(polled)}`;
  if (consumed === null) return "";
  const { topic, partition, offset, timestampMs, timestampType } = consumed;
  const time =
    timestampType === "NoTimestampType" ? "" : `, timestamp=${timestampMs ?? -1}, timestampType=${timestampType}`;
  return `, where consumed record is {topic='${topic}', partition=${partition}, offset=${offset}${time}}`;
}

function sourceRecordText(record: SourceRecord): string {
  const { topic, key, value, keySchema = null, valueSchema = null } = record;
  const fields = [
    `topic='${topic}'`,
    `kafkaPartition=${record.partition ?? null}`,
    `key=${valueText(key, keySchema)}`,
    `keySchema=${keySchema}`,
    `value=${valueText(value, valueSchema)}`,
    `valueSchema=${valueSchema}`,
    `timestamp=${record.timestamp ?? null}`,
    `headers=${record.headers ?? new ConnectHeaders()}`,
  ];
  const from = `sourcePartition=${valueText(record.sourcePartition)}, sourceOffset=${valueText(record.sourceOffset)}`;
  return `SourceRecord{${from}} ConnectRecord{${fields.join(", ")}}`;
}

/**
 * `errors.deadletterqueue.context.headers.enable`: Kafka Connect's headers, in its order.
 * @param hide takes out of texts what config providers gave (I9).
 */
export function contextHeaders(
  { connector, task }: TaskName,
  failure: Failure,
  hide: (text: string) => string,
): RecordHeader[] {
  const { stage, executing, error, consumed } = failure;
  const message = error instanceof Error ? error.message : String(error);
  return [
    ...(consumed === null ? [] : coordinates(consumed)),
    header("connector.name", connector),
    header("task.id", String(task)),
    header("stage", stage),
    header("class.name", executing),
    header("exception.class.name", errorClass(error)),
    header("exception.message", message === "" ? null : hide(message)),
    header("exception.stacktrace", hide(traceOf(error))),
  ];
}

function coordinates({ topic, partition, offset }: ConsumedRecord): RecordHeader[] {
  return [header("topic", topic), header("partition", String(partition)), header("offset", String(offset))];
}

const utf8 = new TextEncoder();

/** A header of the errors' own namespace. */
export function header(name: string, text: string | null): RecordHeader {
  return { key: `__connect.errors.${name}`, value: text === null ? null : utf8.encode(text) };
}
