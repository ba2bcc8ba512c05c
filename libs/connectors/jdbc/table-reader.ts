import type { OffsetMap } from "@millrace/connect";

/** What a table had to give: rows, nothing more for now, nothing before a wait, or another shape than described. */
export type TableBatch =
  | { readonly kind: "rows"; readonly values: readonly unknown[][] }
  | { readonly kind: "end" }
  | { readonly kind: "wait"; readonly delayMs: number }
  | { readonly kind: "changed" };

/** Reads one table, batch after batch. Calls never overlap. */
export interface TableReader {
  next(): Promise<TableBatch>;
  /** Where to go on after this row; null when the reader keeps no offsets. */
  offset(row: readonly unknown[]): OffsetMap | null;
  close(): Promise<void>;
}
