import type { OffsetMap } from "@millrace/connect";

/** What a table had to give: rows, nothing more for now, nothing before a wait, or another shape than described. */
export type TableBatch =
  | { readonly kind: "rows"; readonly values: readonly unknown[][]; readonly offsets: Offsets }
  | { readonly kind: "end" }
  | { readonly kind: "wait"; readonly delayMs: number }
  | { readonly kind: "changed" };

/** Where to go on after the batch's row number `i`; null for readers that keep no offsets. */
export type Offsets = ((i: number) => OffsetMap) | null;

/** Reads one table, batch after batch. Calls never overlap. */
export interface TableReader {
  next(): Promise<TableBatch>;
  close(): Promise<void>;
}
