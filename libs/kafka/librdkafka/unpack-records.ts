// Pure: records as `packed-records` gives them.
import type { ConsumedRecord, RecordHeader, TopicPartitionOffset } from "../client.ts";
import type { PackedRead } from "./native.ts";
import { unpackHeaders } from "./packed-headers.ts";

/** Rows of numbers, as `Column` there. */
const IS_END = 0;
const TOPIC = 1;
const PARTITION = 2;
const OFFSET = 3;
const TIMESTAMP_MS = 4;
const TIMESTAMP_TYPE = 5;
const KEY_BYTES = 6;
const VALUE_BYTES = 7;
const HEADERS_BYTES = 8;
const COLUMNS = 9;

const TIMESTAMP_TYPES = ["NoTimestampType", "CreateTime", "LogAppendTime"] as const;
const NO_HEADERS: readonly RecordHeader[] = [];

/** What one read has brought, in its order, and the ends of partitions it has come to. */
export interface Unpacked {
  readonly records: ConsumedRecord[];
  readonly ends: TopicPartitionOffset[];
}

/** Keys and values are views of the read's bytes. */
export function unpackRecords({ rows: packedRows, topics, bytes }: PackedRead): Unpacked {
  const rows = new Float64Array(packedRows.buffer, packedRows.byteOffset, packedRows.length / 8);
  const records: ConsumedRecord[] = [];
  const ends: TopicPartitionOffset[] = [];
  let at = 0;
  /** A length of -1 is null. */
  const next = (length: number): Uint8Array | null => {
    if (length < 0) return null;
    const start = at;
    at += length;
    return bytes.subarray(start, at);
  };
  for (let row = 0; row < rows.length; row += COLUMNS) {
    const topic = topics[rows[row + TOPIC]!]!;
    const partition = rows[row + PARTITION]!;
    const offset = rows[row + OFFSET]!;
    if (rows[row + IS_END] === 1) {
      ends.push({ topic, partition, offset });
      continue;
    }
    const key = next(rows[row + KEY_BYTES]!);
    const value = next(rows[row + VALUE_BYTES]!);
    const headers = next(rows[row + HEADERS_BYTES]!)!;
    const timestampMs = rows[row + TIMESTAMP_MS]!;
    records.push({
      topic,
      partition,
      offset,
      key,
      value,
      headers: headers.length === 0 ? NO_HEADERS : unpackHeaders(headers),
      timestampMs: timestampMs < 0 ? null : timestampMs,
      timestampType: timestampMs < 0 ? "NoTimestampType" : TIMESTAMP_TYPES[rows[row + TIMESTAMP_TYPE]!]!,
    });
  }
  return { records, ends };
}
