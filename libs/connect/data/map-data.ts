// Pure: the two forms that a map comes in.
import { BoxedNumber } from "./boxed-number.ts";

/** Structured data without a schema, or under one of MAP: a Map, or a plain object where all keys are text. */
export type MapData = ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>;

/** Is it a Map, or a plain object? */
export function isMap(value: unknown): value is MapData {
  if (value instanceof Map) return true;
  if (typeof value !== "object" || value === null || value instanceof BoxedNumber) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What a map holds, in its order. */
export function entriesOf(map: MapData): Iterable<[unknown, unknown]> {
  return map instanceof Map ? map : Object.entries(map);
}
