import type { OffsetMap } from "@millrace/connect";
import type { TableShape } from "../tables/table-shape.ts";

/** Sees what the stream brings before it is handed over. */
export interface ChangeWatch {
  /** Not null: the change and all after it wait for that. */
  changing(
    op: "c" | "u" | "d",
    shape: TableShape,
    before: unknown[] | null,
    after: unknown[] | null,
  ): Promise<void> | null;
  truncating(shape: TableShape): void;
  /** The stream is at this place. Not null: what follows waits. */
  reached(lsn: number): Promise<void> | null;
}

/** The stream as those see it that act beside it. */
export interface StreamState {
  /** For records made beside the stream. */
  offset(): OffsetMap;
  place(): { readonly commitLsn: number | null; readonly lsn: number };
  /** Goes into all offsets from now on. */
  store(progress: OffsetMap | null): void;
}
