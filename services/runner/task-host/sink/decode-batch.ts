import type { SinkOffset, SinkRecord } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";
import type { SinkDecoder } from "../stages/decode.ts";
import type { ErrorHandler } from "../stages/error-handler.ts";
import { partitionKey, samePartition } from "./partition-key.ts";
import type { SinkBatch } from "./sink-batch.ts";

/** Through converters and transforms. Records that fail are skipped or fail the task; their offsets are in the batch. */
export async function decodeBatch(
  messages: readonly ConsumedRecord[],
  decoder: SinkDecoder,
  handler: ErrorHandler,
): Promise<SinkBatch> {
  const records: SinkRecord[] = [];
  const ends = new Map<string, SinkOffset>();
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    let record: SinkRecord | null | Promise<SinkRecord | null>;
    try {
      record = decoder.decode(message);
      if (record instanceof Promise) record = await record;
    } catch (error) {
      record = await recover(message, error, decoder, handler);
    }
    if (record !== null) records.push(record);
    const { topic, partition, offset } = message;
    if (!samePartition(message, messages[i + 1])) {
      ends.set(partitionKey(message), { topic, partition, offset: offset + 1 });
    }
  }
  return { records, ends };
}

function recover(
  consumed: ConsumedRecord,
  firstError: unknown,
  decoder: SinkDecoder,
  handler: ErrorHandler,
): Promise<SinkRecord | null> {
  return handler.recover(
    firstError,
    () => decoder.decode(consumed),
    (error) => ({ stage: decoder.stage, executing: decoder.executing, error, consumed, polled: null }),
  );
}
