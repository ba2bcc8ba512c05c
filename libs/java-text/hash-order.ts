// Pure: the order in which a Java HashMap goes through text keys, where an answer of Connect depends on it.

const CAPACITY_MIN = 16;
const LOAD_MAX = 0.75;

/** @param keys in the order they were put, none twice. */
export function hashOrder(keys: readonly string[]): string[] {
  let capacity = CAPACITY_MIN;
  while (keys.length > capacity * LOAD_MAX) capacity *= 2;
  const bucket = (key: string): number => spreadHash(key) & (capacity - 1);
  return [...keys].sort((a, b) => bucket(a) - bucket(b));
}

/** `String.hashCode`, high bits folded into the low ones as HashMap does. */
function spreadHash(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}
