// Pure: which consumed record a sink's record was made of.
import type { SinkRecord } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";

/** A property of its own kind: copies of the record (`{...record}`), as transforms and tasks make them, carry it on. */
const ORIGIN = Symbol("the consumed record");

interface WithOrigin extends SinkRecord {
  readonly [ORIGIN]?: ConsumedRecord;
}

export function withOrigin(record: SinkRecord, origin: ConsumedRecord): SinkRecord {
  if (originOf(record) === origin) return record;
  const marked: WithOrigin = { ...record, [ORIGIN]: origin };
  return marked;
}

/** Null for a record that a task made from nothing. */
export function originOf(record: WithOrigin): ConsumedRecord | null {
  return record[ORIGIN] ?? null;
}
