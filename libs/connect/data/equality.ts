// Pure: equality of Connect values, as Java's equals sees them.

interface WithEquals {
  equals(other: unknown): boolean;
}

/** Deep; numbers by Object.is (NaN equals itself, -0 differs from 0), bigint and number by value, bytes by content. */
export function dataEquals(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a === "bigint" || typeof b === "bigint") return sameInteger(a, b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (hasEquals(a)) return a.equals(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, i) => dataEquals(element, b[i]));
  }
  return sameEntries(a, b);
}

function sameInteger(a: unknown, b: unknown): boolean {
  const integers = (typeof a === "bigint" || Number.isInteger(a)) && (typeof b === "bigint" || Number.isInteger(b));
  return integers && BigInt(a as number | bigint) === BigInt(b as number | bigint);
}

function hasEquals(value: object): value is WithEquals {
  return "equals" in value && typeof value.equals === "function" && !(value instanceof Uint8Array);
}

function sameEntries(a: object, b: object): boolean {
  const left = entriesOf(a);
  const right = entriesOf(b);
  if (left.size !== right.size) return false;
  for (const [key, value] of left) {
    const same = sameKey(right, key);
    if (!right.has(same) || !dataEquals(value, right.get(same))) return false;
  }
  return true;
}

/** The map's own key that equals this one; the key itself when there is none. */
function sameKey(map: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (typeof key !== "object" || map.has(key)) return key;
  for (const candidate of map.keys()) {
    if (dataEquals(candidate, key)) return candidate;
  }
  return key;
}

function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  return value instanceof Map ? value : new Map<unknown, unknown>(Object.entries(value));
}
