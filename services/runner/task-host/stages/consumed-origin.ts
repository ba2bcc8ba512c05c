// Pure: which consumed record a sink's record was made of.
import type { SinkRecord } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";

/** A property of its own kind: copies of the record (`{...record}`), as transforms and tasks make them, carry it on. */
const ORIGIN = Symbol("the consumed record");

interface Marked extends SinkRecord {
  [ORIGIN]?: ConsumedRecord;
}

/** Of a record that nobody else has seen yet: it is marked itself, which is faster than a copy. */
export function markOrigin(fresh: SinkRecord, origin: ConsumedRecord): void {
  (fresh as Marked)[ORIGIN] = origin;
}

/** The record, or a copy of one that a transform made from nothing. */
export function withOrigin(record: SinkRecord, origin: ConsumedRecord): SinkRecord {
  if (originOf(record) === origin) return record;
  const copy = { ...record };
  markOrigin(copy, origin);
  return copy;
}

/** Null for a record that a task made from nothing. */
export function originOf(record: SinkRecord): ConsumedRecord | null {
  return (record as Marked)[ORIGIN] ?? null;
}
