// Pure: the timestamp of an outbox event.
import { ConnectError, type Struct } from "@millrace/connect";
import { typedField } from "./struct-access.ts";

/** How many of a logical type's units are a millisecond. */
const UNITS_PER_MS: Readonly<Record<string, number>> = {
  "io.debezium.time.Timestamp": 1,
  "io.debezium.time.MicroTimestamp": 1000,
  "io.debezium.time.NanoTimestamp": 1_000_000,
};

/**
 * Milliseconds since the epoch: from the column, or when Debezium processed the change if there is no such column
 * configured or it is null.
 */
export function eventTimestamp(column: string | null, envelope: Struct, event: Struct): number | null {
  if (column === null) return processedAt(envelope);
  const field = event.schema.field(column);
  if (field === undefined) throw new ConnectError(`Unable to find timestamp field ${column} in event`);
  const value = typedField(event, column, "INT64") as number | bigint | null;
  if (value === null) return processedAt(envelope);
  const { name, type } = field.schema;
  if (name === null) {
    throw new ConnectError(`Unsupported field type ${type} (without logical schema name) for event timestamp`);
  }
  const units = Object.hasOwn(UNITS_PER_MS, name) ? UNITS_PER_MS[name] : undefined;
  if (units === undefined) throw new ConnectError(`Unsupported field type ${name} for event timestamp`);
  return typeof value === "bigint" ? Number(value / BigInt(units)) : (value - (value % units)) / units;
}

function processedAt(envelope: Struct): number | null {
  const value = typedField(envelope, "ts_ms", "INT64") as number | bigint | null;
  return value === null ? null : Number(value);
}
