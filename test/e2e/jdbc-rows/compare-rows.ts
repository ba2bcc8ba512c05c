// Pure: rows in the tables against records in the topics.

export interface Row {
  readonly id: number;
  readonly version: number;
}

export interface RowsVerdict {
  readonly mode: string;
  readonly rows: number;
  readonly records: number;
  /** Rows whose last state was not read. */
  readonly lost: number;
  /** States of rows read once more, or after a newer one. */
  readonly duplicated: number;
  /** Records of rows that were never committed. */
  readonly unexpected: number;
}

/** @param there the rows as they are in the end; @param read in the order of the topic. */
export function compareRows(mode: string, there: readonly Row[], read: readonly Row[]): RowsVerdict {
  const last = new Map<number, number>();
  let duplicated = 0;
  for (const { id, version } of read) {
    if (version <= (last.get(id) ?? 0)) duplicated += 1;
    else last.set(id, version);
  }
  const lost = there.filter(({ id, version }) => last.get(id) !== version).length;
  const known = new Set(there.map(({ id }) => id));
  const unexpected = [...last.keys()].filter((id) => !known.has(id)).length;
  return { mode, rows: there.length, records: read.length, lost, duplicated, unexpected };
}

export function isExact({ lost, duplicated, unexpected }: RowsVerdict): boolean {
  return lost + duplicated + unexpected === 0;
}
