// Pure: source partitions and offsets as Connect writes them to the offsets topic.
import { DataError, type OffsetMap, type OffsetValue } from "@millrace/connect";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `["<connector>",{<partition>}]`, no white space, entries in the map's own order. */
export function encodePartition(connector: string, partition: OffsetMap): Uint8Array {
  return encoder.encode(`[${JSON.stringify(connector)},${toJson(partition)}]`);
}

/** `{<offset>}`, or null for a tombstone. */
export function encodeOffset(offset: OffsetMap | null): Uint8Array | null {
  return offset === null ? null : encoder.encode(toJson(offset));
}

/** The same for equal partitions whatever the order of their keys: finds what another worker wrote. */
export function canonicalKey(connector: string, partition: OffsetMap): string {
  const entries = Object.entries(partition);
  if (entries.length < 2) return `[${JSON.stringify(connector)},${toJson(partition)}]`;
  const sorted = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return `[${JSON.stringify(connector)},${toJson(sorted)}]`;
}

/** Null for a key that is not `["connector", {…}]`: such records are not ours to touch. */
export function decodePartition(bytes: Uint8Array): { connector: string; partition: OffsetMap } | null {
  const value = parse(bytes);
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [connector, partition] = value as [unknown, unknown];
  if (typeof connector !== "string" || !isMap(partition)) return null;
  return { connector, partition };
}

export function decodeOffset(bytes: Uint8Array | null): OffsetMap | null {
  const value = bytes === null ? null : parse(bytes);
  return isMap(value) ? value : null;
}

function toJson(map: OffsetMap): string {
  let text = "{";
  for (const [key, value] of Object.entries(map)) {
    if (text.length > 1) text += ",";
    text += `${JSON.stringify(key)}:${scalar(key, value)}`;
  }
  return `${text}}`;
}

function scalar(key: string, value: OffsetValue): string {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  throw new DataError(`Offsets may only contain primitive types as values, but field ${key} contains ${typeof value}`, {
    code: "OFFSET_INVALID",
  });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes), exactIntegers as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

/** Integers beyond 2^53 keep their digits where the engine shows the source text; elsewhere they stay numbers. */
function exactIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function isMap(value: unknown): value is OffsetMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
