// Pure: is a stored offset one that this source could have written?
import { ConnectError } from "./errors.ts";
import type { OffsetMap, OffsetValue } from "./record.ts";

/**
 * The offset to read from: `start` where nothing is stored, else what is stored, with the kinds of value that `start`
 * has: an integer becomes a bigint where `start` has one. A key that is not stored, of a newer version say, has its
 * start value; keys that `start` lacks are kept. A null in `start` stands for any value.
 * @throws ConnectError OFFSET_INVALID for a stored offset of another shape.
 */
export function offsetFrom<O extends OffsetMap>(start: O, stored: OffsetMap | null): O {
  if (stored === null) return start;
  const keys = Object.keys(start);
  if (keys.length > 0 && !keys.some((key) => Object.hasOwn(stored, key))) {
    throw refused(stored, `has none of the keys ${keys.join(", ")}`);
  }
  const offset: Record<string, OffsetValue> = { ...start };
  for (const [key, value] of Object.entries(stored)) {
    offset[key] = Object.hasOwn(start, key) ? alike(start[key]!, value, key, stored) : value;
  }
  return offset as O;
}

function alike(expected: OffsetValue, value: OffsetValue, key: string, stored: OffsetMap): OffsetValue {
  if (expected === null || typeof value === typeof expected) return value;
  if (typeof expected === "bigint" && Number.isSafeInteger(value)) return BigInt(value as number);
  throw refused(
    stored,
    `has a ${value === null ? "null" : typeof value} as ${key}, which should be a ${typeof expected}`,
  );
}

function refused(stored: OffsetMap, reason: string): ConnectError {
  const text = JSON.stringify(stored, (_key, value) => (typeof value === "bigint" ? String(value) : value));
  return new ConnectError(
    `The offset ${text} ${reason}: this connector did not write it. Correct the connector's offsets, or remove them to start over.`,
    { code: "OFFSET_INVALID" },
  );
}
