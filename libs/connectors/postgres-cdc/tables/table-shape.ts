// Pure: what one table's rows become.
import type { PackedField, PackedLayout, Schema } from "@millrace/connect";
import type { ValueReader } from "../values/row-bytes.ts";

/** One column as rows bring it, in their order. */
export interface ShapeColumn {
  readonly name: string;
  /** In the value; -1 when the column is left out. */
  readonly index: number;
  readonly read: ValueReader;
  /** What its bytes are, for converters that take them as they are. */
  readonly packed: PackedField;
  /** Stands for null: the mask of a masked column, or what a required column has at least. */
  readonly missing: unknown;
  /** Stands for a TOASTed value that did not change. */
  readonly placeholder: unknown;
}

export interface TableShape {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `schema.table` */
  readonly id: string;
  readonly topic: string;
  readonly columns: readonly ShapeColumn[];
  /** The columns that are in the value, by their index there. */
  readonly fields: readonly ShapeColumn[];
  readonly layout: PackedLayout;
  readonly keyLayout: PackedLayout;
  /** Null for a table without a key. */
  readonly keySchema: Schema | null;
  /** Positions of the key's fields in the value. */
  readonly keyIndexes: readonly number[];
  readonly valueSchema: Schema;
  readonly envelopeSchema: Schema;
}
