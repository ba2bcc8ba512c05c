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

/** A Map in which of equal keys, which may be objects, there is but the first, with the value of the last. */
export function mapOf(entries: Iterable<readonly [unknown, unknown]>): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  const keys = new Map<unknown, unknown>();
  for (const [key, value] of entries) {
    if (typeof key !== "object" || key === null) {
      map.set(key, value);
      continue;
    }
    const identity = equalityKey(key);
    if (!keys.has(identity)) keys.set(identity, key);
    map.set(keys.get(identity), value);
  }
  return map;
}

/** Something that JavaScript's own Map finds the same exactly where Java finds two keys of one schema equal. */
export function equalityKey(key: unknown): unknown {
  return typeof key !== "object" || key === null || key instanceof Uint8Array ? key : identityText(key);
}

function identityText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("base64")}`;
  if (Array.isArray(value)) return `[${value.map(identityText).join()}]`;
  if ("values" in value && Array.isArray(value.values)) return `struct ${identityText(value.values)}`;
  if (hasEquals(value)) return `${value.constructor.name} ${value}`;
  const entries = Array.from(entriesOf(value), (entry) => identityText(entry)).sort();
  return `{${entries.join()}}`;
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
