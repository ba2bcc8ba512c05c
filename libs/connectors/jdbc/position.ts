// Pure: where reading a table stands, and how source offsets say it.
import { ConnectError, DataError, Decimal, type OffsetMap } from "@millrace/connect";

/** A column's value: a number when safe, else a bigint. */
export type RowNumber = number | bigint;
export type KeyValue = RowNumber | string;

/**
 * After the row with these values; the parts are those of the `Order`. `nanos`: since the epoch, null without timestamps.
 * `keys` null: after all rows of that timestamp.
 */
export interface Position {
  readonly nanos: bigint | null;
  readonly keys: readonly KeyValue[] | null;
}

export interface Marks {
  readonly incrementing: boolean;
  readonly timestamp: boolean;
}

/** Beside Confluent's keys: the row inside a group of equal timestamps. Confluent's connector starts the group anew. */
const ROW_KEY = "millrace.row";
const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;

/** What a stored source offset says. */
export interface Start {
  readonly after: Position;
  /** The timestamp up to which all is done; earlier than that of `after` inside a group of equal timestamps. */
  readonly doneNanos: bigint;
}

/** From `{incrementing, timestamp, timestamp_nanos}`; what is missing begins at the start. `keys`: of the order. */
export function startOf(
  offset: OffsetMap | null,
  { incrementing, timestamp }: Marks,
  keys: number,
  initialMs: number,
): Start {
  const id = (offset?.incrementing as RowNumber | null | undefined) ?? -1;
  if (!timestamp) return { after: { nanos: null, keys: [id] }, doneNanos: 0n };
  const ms = BigInt((offset?.timestamp as RowNumber | null | undefined) ?? initialMs);
  const fraction = offset?.timestamp_nanos as RowNumber | null | undefined;
  const nanos = fraction == null ? ms * NANOS_PER_MS : secondsOf(ms) * NANOS_PER_SECOND + BigInt(fraction);
  if (incrementing) return { after: { nanos, keys: [id] }, doneNanos: nanos };
  const text = offset?.[ROW_KEY];
  const row = typeof text === "string" ? parseRow(text) : null;
  const usable = row !== null && row.keys?.length === keys;
  return { after: usable ? row : { nanos, keys: null }, doneNanos: nanos };
}

/** As Confluent's: milliseconds, and the nanoseconds within the second. */
export function timestampOffset(nanos: bigint): { timestamp: number; timestamp_nanos: number } {
  const fraction = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  return { timestamp: Number(floorMs(nanos)), timestamp_nanos: Number(fraction) };
}

/** Of a row inside a group of equal timestamps: `before` is all that is done. */
export function offsetInGroup(before: bigint, { nanos, keys }: Position): OffsetMap {
  const parts = keys!.map((key) => (typeof key === "string" ? `'${key}` : `#${key}`));
  return { ...timestampOffset(before), [ROW_KEY]: JSON.stringify([String(nanos), ...parts]) };
}

function parseRow(text: string): Position {
  try {
    const [nanos, ...parts] = JSON.parse(text) as string[];
    const keys = parts.map((part) => (part.startsWith("#") ? rowNumber(part.slice(1)) : part.slice(1)));
    return { nanos: BigInt(nanos!), keys };
  } catch (cause) {
    throw new ConnectError(`The stored source offset's ${ROW_KEY} cannot be read: remove it, or reset the offset.`, {
      cause,
    });
  }
}

function floorMs(nanos: bigint): bigint {
  const rest = ((nanos % NANOS_PER_MS) + NANOS_PER_MS) % NANOS_PER_MS;
  return (nanos - rest) / NANOS_PER_MS;
}

function secondsOf(ms: bigint): bigint {
  const rest = ((ms % 1000n) + 1000n) % 1000n;
  return (ms - rest) / 1000n;
}

/** Of digits: a number when safe, else a bigint. */
export function rowNumber(text: string): RowNumber {
  const big = BigInt(text);
  return big <= Number.MAX_SAFE_INTEGER && big >= Number.MIN_SAFE_INTEGER ? Number(big) : big;
}

/** Of a primary key's column that `canBreakTies`. */
export function keyValue(value: unknown): KeyValue {
  if (value instanceof Decimal) return rowNumber(String(value.unscaled));
  return value as KeyValue;
}

const LONG_MAX = 9223372036854775807n;

/** @throws ConnectError when the value cannot be an offset. */
export function incrementingNumber(value: unknown, type: string): RowNumber {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "bigint") return value;
  if (value === null) throw new ConnectError(`Null value for incrementing column of type: ${type}`);
  if (!(value instanceof Decimal)) throw new ConnectError(`Invalid type for incrementing column: ${type}`);
  if (value.scale !== 0) throw new ConnectError("Scale of Decimal value for incrementing column must be 0");
  if (!Number.isNaN(value.unscaledNumber)) return value.unscaledNumber;
  if (value.unscaled > LONG_MAX) throw new DataError("Decimal value for incrementing column exceeded Long.MAX_VALUE");
  return value.unscaled;
}
