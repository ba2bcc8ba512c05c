// Pure: the order in which Connect shows the keys of a stored config.
import { hashOrder } from "@millrace/java-text";

/**
 * Connect keeps stored configs in a Java HashMap, so what it reads back comes in bucket order, not as it was written. The
 * same order here lets a diff of two answers show only what differs, whatever the store did to the keys.
 */
export function hashMapOrder<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(hashOrder(Object.keys(map)).map((key) => [key, map[key]!]));
}
