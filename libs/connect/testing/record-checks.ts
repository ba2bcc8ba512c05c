import { AssertionError } from "node:assert/strict";
import {
  ConnectHeaders,
  type ConnectRecord,
  isConnectError,
  type OffsetMap,
  type Schema,
  validateValue,
} from "../mod.ts";
import { insist, shown } from "./check.ts";
import { offsetText } from "./stored-offsets.ts";

/** A record that the runtime can go on with. `what`: the record in messages. */
export function checkRecord(record: ConnectRecord, what: string): void {
  const { topic, partition, timestamp, headers } = record;
  insist(typeof topic === "string" && topic !== "", `${what} has the topic ${shown(topic)}: give it one.`);
  insist(
    partition === undefined || partition === null || (Number.isSafeInteger(partition) && partition >= 0),
    `${what} has the partition ${shown(partition)}: it is a Kafka partition, from 0 on; leave it out to let the producer choose.`,
  );
  insist(
    timestamp === undefined || timestamp === null || (Number.isSafeInteger(timestamp) && timestamp >= -1),
    `${what} has the timestamp ${shown(timestamp)}: give whole milliseconds since the epoch, or leave it out.`,
  );
  insist(
    headers === undefined || headers === null || headers instanceof ConnectHeaders,
    `${what} has headers that are no ConnectHeaders: make them with \`new ConnectHeaders().add(key, value, schema)\`.`,
  );
  insist(record.value !== undefined, `${what} has no value: write null for a tombstone.`);
  checkFits(record.keySchema ?? null, record.key ?? null, `The key of ${what}`);
  checkFits(record.valueSchema ?? null, record.value, `The value of ${what}`);
  for (const { key, value, schema } of headers ?? []) checkFits(schema, value, `The header ${key} of ${what}`);
}

/** @throws AssertionError for what JSON cannot hold, or a partition without an offset. */
export function checkPosition(partition: OffsetMap | null, offset: OffsetMap | null, what: string): void {
  if (partition !== null) offsetText(partition);
  if (offset !== null) offsetText(offset);
  insist(
    partition !== null || offset === null,
    `${what} has a sourceOffset and no sourcePartition: nothing is stored without both.`,
  );
}

function checkFits(schema: Schema | null, value: unknown, what: string): void {
  if (schema === null) return;
  try {
    validateValue(schema, value);
  } catch (error) {
    insist(
      false,
      `${what} does not fit its schema ${schema}: ${shown(error)}. A converter would refuse it, and the task would fail.`,
    );
  }
}

/** What a plugin may throw at data it is not made for. */
export function checkRefusal(error: unknown, what: string): void {
  if (error instanceof AssertionError) throw error;
  insist(
    isConnectError(error),
    `${what} ends in ${shown(error)}: throw a DataError that names what was expected and what was found.`,
  );
}
