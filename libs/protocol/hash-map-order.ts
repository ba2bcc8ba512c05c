// Pure: the order in which Connect shows the keys of a stored config.

const CAPACITY_MIN = 16;
const LOAD_MAX = 0.75;

/**
 * Connect keeps stored configs in a Java HashMap, so what it reads back comes in bucket order, not as it was written. The
 * same order here lets a diff of two answers show only what differs, whatever the store did to the keys.
 */
export function hashMapOrder<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(map);
  let capacity = CAPACITY_MIN;
  while (entries.length > capacity * LOAD_MAX) capacity *= 2;
  const bucket = (key: string) => spreadHash(key) & (capacity - 1);
  return Object.fromEntries(entries.sort(([a], [b]) => bucket(a) - bucket(b)));
}

/** `String.hashCode`, high bits folded into the low ones as HashMap does. */
function spreadHash(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}
