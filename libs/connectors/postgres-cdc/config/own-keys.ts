// Pure: configuration keys that Debezium does not have.
import type { KeyRow } from "./key-row.ts";

export const ownKeys: readonly KeyRow[] = [
  [
    "millrace.snapshot.added.tables",
    "BOOLEAN",
    true,
    "MEDIUM",
    "SHORT",
    "Read the rows of added tables",
    "Read the rows of tables that are added to the filters later, while the stream goes on. With publication.autocreate.mode filtered: only then can it be told which ones are new.",
  ],
  [
    "millrace.slot.drop.on.delete",
    "BOOLEAN",
    false,
    "MEDIUM",
    "SHORT",
    "Drop slot on delete",
    "Drop the slot when the connector is deleted, so that the server keeps no log for it. The publication stays.",
  ],
  [
    "millrace.slot.watch.interval.ms",
    "LONG",
    10_000,
    "LOW",
    "SHORT",
    "Slot watch interval (ms)",
    "Between two looks at the log that the server keeps for the slot; also how long nothing may be sent before the slot is moved on past changes that are of no interest.",
  ],
  [
    "millrace.slot.retained.wal.warn.bytes",
    "LONG",
    1_073_741_824,
    "LOW",
    "SHORT",
    "Retained log to warn of (bytes)",
    "Log kept by the server for the slot, in bytes, above which the log warns, and again each time it has doubled. 0: never.",
  ],
  [
    "millrace.slot.retained.wal.max.bytes",
    "LONG",
    0,
    "LOW",
    "SHORT",
    "Retained log limit (bytes)",
    "Log kept by the server for the slot, in bytes, above which the slot is dropped and the task fails, so that the database goes on. 0: no limit.",
  ],
];
