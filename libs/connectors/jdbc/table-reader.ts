import type { OffsetMap } from "@millrace/connect";
import type { Rows } from "./dialect.ts";

/** What a table had to give: rows, nothing more for now, nothing before a wait, or another shape than described. */
export type TableBatch =
  | RowsBatch
  | { readonly kind: "end" }
  | { readonly kind: "wait"; readonly delayMs: number }
  | { readonly kind: "changed" };

/** Rows from number `from` up to `to`. */
export interface RowsBatch {
  readonly kind: "rows";
  readonly rows: Rows;
  readonly from: number;
  readonly to: number;
  readonly offsets: Offsets;
}

/** Where to go on after this row of `rows`; null for readers that keep no offsets. */
export type Offsets = ((row: number) => OffsetMap) | null;

/** Reads one table, batch after batch. Calls never overlap. */
export interface TableReader {
  next(): Promise<TableBatch>;
  close(): Promise<void>;
}
