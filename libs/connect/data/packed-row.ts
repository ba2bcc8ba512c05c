// Pure: rows as a source received them, kept as bytes until somebody asks for a value.

/**
 * What the bytes of a field are:
 *
 *   utf8      its string
 *   written   what its string is made from by `write`
 *   digits    its integer, as JSON writes one: no plus, no leading zeros
 *   integer   its integer that `number` reads
 *   millis    a Timestamp that `number` reads: milliseconds since the epoch
 *   unscaled  a Decimal that `number` reads: its unscaled integer, at the schema's scale
 *   other     only `PackedRow.value` knows
 */
export type PackedForm = "utf8" | "written" | "digits" | "integer" | "millis" | "unscaled" | "other";

export interface PackedField {
  readonly form: PackedForm;
  /** Of `integer`, `millis` and `unscaled`: a safe integer; NaN where the value cannot be read so, and has to be asked for. */
  readonly number?: (bytes: Uint8Array, from: number, to: number) => number;
  /**
   * Of `written`: puts the string at `at` of `out` and says where it ends: at most three times as many bytes, all of them ASCII that
   * no text format has to escape. -1 where it cannot be made so, and has to be asked for.
   */
  readonly write?: (bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number) => number;
}

/** By field index. One object for all rows of a kind: converters keep by it what they worked out. */
export type PackedLayout = readonly PackedField[];

/**
 * The values of a `Struct`, not made yet. A converter that can writes the bytes as they are, several times faster. Reading
 * does not fail: the source has tried.
 */
export interface PackedRow {
  readonly layout: PackedLayout;
  readonly bytes: Uint8Array;
  /** Of all fields together. */
  readonly length: number;
  /** Writes where each field begins and ends, two numbers for each; an end of -1 says null. */
  locate(bounds: Int32Array): void;
  /** Of the field with this index and these bounds, not null. */
  value(field: number, from: number, to: number): unknown;
  /** By field index; a new array at each call. */
  values(): unknown[];
}

let bounds = new Int32Array(64);

/** Of one field; null for null. */
export function readPacked(row: PackedRow, field: number): unknown {
  if (bounds.length < 2 * row.layout.length) bounds = new Int32Array(2 * row.layout.length);
  row.locate(bounds);
  const to = bounds[2 * field + 1]!;
  return to === -1 ? null : row.value(field, bounds[2 * field]!, to);
}
