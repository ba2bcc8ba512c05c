// Pure: the SQL of an order, the same for all databases.
import type { Slice } from "./dialect.ts";
import type { KeyValue, Position, RowNumber } from "./position.ts";

/** How a database writes what an order is made of. */
export interface OrderWords {
  /** The timestamp a row is ordered by; null without. */
  readonly time: string | null;
  /** Quoted columns. */
  readonly keys: readonly string[];
  /** Nanoseconds since the epoch as a value to compare `time` with. */
  instant(nanos: bigint): string;
  text(value: string): string;
}

export function orderBy({ time, keys }: OrderWords): string {
  return [...(time === null ? [] : [time]), ...keys].map((part) => `${part} ASC`).join(", ");
}

/** The rows of a slice, without its limit. */
export function sliceWhere(words: OrderWords, { after, upTo }: Pick<Slice, "after" | "upTo">): string {
  const parts = [afterPosition(words, after)];
  if (upTo !== null) parts.push(before(words, upTo));
  return parts.join(" AND ");
}

function before({ time, keys, instant }: OrderWords, upTo: RowNumber): string {
  return time === null ? `${keys[0]} <= ${upTo}` : `${time} < ${instant(BigInt(upTo))}`;
}

/** The plain lower bound on the timestamp is for the index: no database takes one from the OR. */
function afterPosition(words: OrderWords, { nanos, keys }: Position): string {
  const { time } = words;
  if (time === null) return afterKeys(words, keys!, 0);
  const instant = words.instant(nanos!);
  if (keys === null) return `${time} > ${instant}`;
  return `${time} >= ${instant} AND (${time} > ${instant} OR ${afterKeys(words, keys, 0)})`;
}

function afterKeys(words: OrderWords, values: readonly KeyValue[], at: number): string {
  const name = words.keys[at]!;
  const value = values[at]!;
  const literal = typeof value === "string" ? words.text(value) : String(value);
  if (at === values.length - 1) return `${name} > ${literal}`;
  return `(${name} > ${literal} OR (${name} = ${literal} AND ${afterKeys(words, values, at + 1)}))`;
}
