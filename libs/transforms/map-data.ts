// Pure: reading schemaless maps, whichever of the two forms they come in. Results are always new Maps.
import { entriesOf, type MapData } from "@millrace/connect";

export function getEntry(map: MapData, key: string): unknown {
  if (map instanceof Map) return map.get(key) ?? null;
  return Object.hasOwn(map, key) ? ((map as Record<string, unknown>)[key] ?? null) : null;
}

/** A copy to change. One by one is faster than the constructor's way through an iterator. */
export function copyOf(map: MapData): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>();
  for (const [key, value] of entriesOf(map)) copy.set(key, value);
  return copy;
}
