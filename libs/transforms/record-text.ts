// Pure: records as Java's toString shows them, for messages.
import { ConnectHeaders, type ConnectRecord, type SinkRecord, type SourceRecord, valueText } from "@millrace/connect";

export function recordText(record: ConnectRecord): string {
  const { topic, partition = null, keySchema = null, key, valueSchema = null, value, timestamp = null } = record;
  const headers = record.headers ?? new ConnectHeaders();
  const text =
    `ConnectRecord{topic='${topic}', kafkaPartition=${partition}, ` +
    `key=${valueText(key, keySchema)}, keySchema=${keySchema}, ` +
    `value=${valueText(value, valueSchema)}, valueSchema=${valueSchema}, timestamp=${timestamp}, headers=${headers}}`;
  return `${"offset" in record ? sinkText(record as SinkRecord) : sourceText(record as SourceRecord)} ${text}`;
}

function sinkText(record: SinkRecord): string {
  const { offset, timestampType, originalTopic, originalPartition, originalOffset } = record;
  const original = `originalTopic=${originalTopic}, originalKafkaPartition=${originalPartition}, originalKafkaOffset=${originalOffset}`;
  return `SinkRecord{kafkaOffset=${offset}, timestampType=${timestampType}, ${original}}`;
}

function sourceText({ sourcePartition, sourceOffset }: SourceRecord): string {
  return `SourceRecord{sourcePartition=${valueText(sourcePartition)}, sourceOffset=${valueText(sourceOffset)}}`;
}
