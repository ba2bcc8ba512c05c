// Pure: copies of records and their data, and where two of them differ.
import { ConnectHeaders, dataEquals, isMap, Schema, Struct } from "../mod.ts";

type Data = Readonly<Record<string, unknown>>;

/** Deep, but for schemas, which are what they are by identity. */
export function copyOf<T>(value: T): T {
  return copied(value) as T;
}

function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Schema) return value;
  if (value instanceof Struct) return Struct.of(value.schema, value.values.map(copied));
  if (value instanceof ConnectHeaders) return new ConnectHeaders([...value].map((header) => copied(header) as never));
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (value instanceof Date) return new Date(value.getTime());
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [copied(key), copied(each)]));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copied(each)]));
}

/** Where, and how, two values differ: `value.tags[0] was "a" and is "b"`; null when they don't. */
export function firstDifference(before: unknown, after: unknown, place: string): string | null {
  if (before instanceof Struct && after instanceof Struct && before.schema === after.schema) {
    return firstOf(before.schema.fields, ({ name, index }) =>
      firstDifference(before.values[index] ?? null, after.values[index] ?? null, `${place}.${name}`),
    );
  }
  if (before instanceof ConnectHeaders && after instanceof ConnectHeaders) {
    return firstDifference([...before], [...after], place);
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return firstOf([...before.keys()], (i) => firstDifference(before[i], after[i], `${place}[${i}]`));
  }
  if (isPlain(before) && isPlain(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return firstOf([...keys], (key) => firstDifference(before[key], after[key], `${place}.${key}`));
  }
  return dataEquals(before ?? null, after ?? null) ? null : `${place} was ${brief(before)} and is ${brief(after)}`;
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function isPlain(value: unknown): value is Data {
  return isMap(value) && !(value instanceof Map);
}

function brief(value: unknown): string {
  const text = value instanceof Map ? `Map(${value.size}) ${[...value].join(" ")}` : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
