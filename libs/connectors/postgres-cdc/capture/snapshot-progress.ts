// Pure: how far a snapshot is, and how long it still takes.

/** What a row takes at least in a table that was never counted. */
const ROWS_PER_PAGE = 60;

export interface SnapshotReport {
  readonly rows: number;
  /** What the catalog estimates; never less than `rows`. */
  readonly rowsExpected: number;
  readonly percent: number;
  readonly rowsPerSecond: number;
  /** Null while it cannot be told. */
  readonly secondsLeft: number | null;
}

/** @param sizes of all tables together. */
export function expectedRows(sizes: readonly { readonly pages: number; readonly rows: number | null }[]): number {
  return sizes.reduce((sum, { pages, rows }) => sum + (rows ?? pages * ROWS_PER_PAGE), 0);
}

export function snapshotReport(rows: number, expected: number, elapsedMs: number): SnapshotReport {
  const rowsExpected = Math.max(rows, Math.round(expected));
  const rowsPerSecond = elapsedMs > 0 ? Math.round((rows * 1000) / elapsedMs) : 0;
  return {
    rows,
    rowsExpected,
    // Estimates are never exact: all is read only when the snapshot says so.
    percent: rowsExpected === 0 ? 0 : Math.min(99, Math.floor((rows * 100) / rowsExpected)),
    rowsPerSecond,
    secondsLeft: rowsPerSecond === 0 ? null : Math.ceil((rowsExpected - rows) / rowsPerSecond),
  };
}
