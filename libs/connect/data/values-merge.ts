// Pure: one schema for the elements of a parsed array or map, and the elements made to fit it.
import type { SchemaAndValue } from "../converter.ts";
import { DataError } from "../errors.ts";
import { boxed } from "./boxed-value.ts";
import { equalityKey, mapOf } from "./equality.ts";
import { ConnectDate, Time, Timestamp } from "./logical.ts";
import { NUMBER_ORDER, type Schema } from "./schema.ts";
import { toDate, toDouble, toInt64, toInteger, toTime, toTimestamp } from "./values-convert.ts";

/** The narrowest schema all elements so far can have, nulls left out. */
export class CommonSchema {
  /** Null before the first element, and for good once two have nothing in common. */
  schema: Schema | null = null;
  #compatible = true;

  add(element: SchemaAndValue | null): void {
    if (element === null || element.schema === null || !this.#compatible) return;
    this.schema = this.schema === null ? element.schema : wider(this.schema, element.schema);
    this.#compatible = this.schema !== null;
  }
}

/** The wider of two number types; the later of two of the same type; null when they have nothing in common. */
function wider(previous: Schema, latest: Schema): Schema | null {
  if (previous.type === latest.type) return latest;
  const before = NUMBER_ORDER.indexOf(previous.type);
  const after = NUMBER_ORDER.indexOf(latest.type);
  if (before < 0 || after < 0) return null;
  return before < after ? latest : previous;
}

/**
 * The value as the merged schema has it; with no merged schema, boxed so that its width is not lost.
 * @throws DataError for null under a schema, and for what cannot be converted.
 */
export function alignTo(schema: Schema | null, element: SchemaAndValue | null): unknown {
  if (schema === null) return element === null ? null : boxed(element.schema, element.value);
  if (element === null) throw new DataError("Unable to convert a null value to a schema that requires a value");
  const { value } = element;
  switch (schema.name) {
    case ConnectDate.LOGICAL_NAME:
      return toDate(null, value);
    case Time.LOGICAL_NAME:
      return toTime(null, value);
    case Timestamp.LOGICAL_NAME:
      return toTimestamp(null, value);
    default:
      return alignToType(schema, element);
  }
}

function alignToType(schema: Schema, { schema: own, value }: SchemaAndValue): unknown {
  switch (schema.type) {
    case "INT8":
      return toInteger(8, null, value);
    case "INT16":
      return toInteger(16, null, value);
    case "INT32":
      return toInteger(32, null, value);
    case "INT64":
      return toInt64(null, value);
    case "FLOAT32":
      return Math.fround(toDouble(null, value));
    case "FLOAT64":
      return toDouble(null, value);
    default:
      return schema.equals(own) ? value : boxed(own, value);
  }
}

/** What a parsed map is while it is read: a key that comes again keeps its place and gets the new value. */
export class ParsedEntries {
  readonly #entries = new Map<unknown, { readonly key: SchemaAndValue; value: SchemaAndValue | null }>();

  put(key: SchemaAndValue, value: SchemaAndValue | null): void {
    const identity = equalityKey(key.value);
    const known = this.#entries.get(identity);
    if (known === undefined) this.#entries.set(identity, { key, value });
    else known.value = value;
  }

  /** @throws DataError when a key or value cannot be converted. */
  alignTo(keySchema: Schema | null, valueSchema: Schema | null): Map<unknown, unknown> {
    return mapOf(
      Array.from(this.#entries.values(), ({ key, value }) => [alignTo(keySchema, key), alignTo(valueSchema, value)]),
    );
  }
}
