import type { ConsumedRecord, RecordHeader } from "../client.ts";
import type { ConsumerHandle, NativeError, NativeMessage, PackedRecords } from "./native.ts";
import { type Unpacked, unpackRecords } from "./unpack-records.ts";

/** What one read has brought, and the error that ended it. */
export interface ReadRecords extends Unpacked {
  readonly error: NativeError | null;
}

/** Waits at most `timeoutMs`, for the first record only. */
export type RecordReader = (timeoutMs: number, recordsMax: number) => Promise<ReadRecords>;

/** As much as Java's consumer has of a partition at a time: its `max.partition.fetch.bytes`. */
const READ_BYTES_MAX = 1_048_576;
/** Before anything was read. */
const FIRST_VALUE_BYTES = 2048;

export function recordReader(handle: () => ConsumerHandle, packed: PackedRecords | null): RecordReader {
  return packed === null ? addonReader(handle) : packedReader(handle, packed);
}

function packedReader(handle: () => ConsumerHandle, packed: PackedRecords): RecordReader {
  return (timeoutMs, recordsMax) =>
    new Promise((resolve) => {
      packed.consume(handle(), timeoutMs, recordsMax, READ_BYTES_MAX, (code, message, rows, topics, bytes) => {
        const error = code === 0 ? null : { code, message };
        resolve({ ...unpackRecords({ rows, topics, bytes }), error });
      });
    });
}

/** Cannot end by bytes: it reads as many records as would fit, if they were like the last ones. */
function addonReader(handle: () => ConsumerHandle): RecordReader {
  let valueBytes = FIRST_VALUE_BYTES;
  return (timeoutMs, recordsMax) =>
    new Promise((resolve) => {
      const room = Math.max(1, Math.min(recordsMax, Math.floor(READ_BYTES_MAX / valueBytes)));
      handle().consume(timeoutMs, room, true, (error, messages = [], ends = []) => {
        const bytes = messages.reduce((sum, { size }) => sum + size, 0);
        if (messages.length > 0) valueBytes = Math.max(1, bytes / messages.length);
        resolve({ records: messages.map(toRecord), ends, error });
      });
    });
}

const NO_HEADERS: readonly RecordHeader[] = [];

/** The addon tells neither LogAppendTime from CreateTime nor a null header value from an empty one. */
function toRecord(message: NativeMessage): ConsumedRecord {
  return {
    topic: message.topic,
    partition: message.partition,
    offset: message.offset,
    key: message.key,
    value: message.value,
    headers: message.headers ? message.headers.map(toHeader) : NO_HEADERS,
    timestampMs: message.timestamp < 0 ? null : message.timestamp,
    timestampType: message.timestamp < 0 ? "NoTimestampType" : "CreateTime",
  };
}

function toHeader(header: Readonly<Record<string, Uint8Array>>): RecordHeader {
  const key = Object.keys(header)[0]!;
  return { key, value: header[key]! };
}
