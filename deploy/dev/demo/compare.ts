// Pure: rows of a table against records of a topic.

export interface Comparison {
  readonly rows: number;
  readonly records: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Records whose id is lower than one before them. */
  readonly outOfOrder: number;
}

/** @param rows ids in the table. @param records ids in the topic, in its order. */
export function compareIds(rows: readonly number[], records: readonly number[]): Comparison {
  const seen = new Set<number>();
  let duplicated = 0;
  let outOfOrder = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (const id of records) {
    if (seen.has(id)) duplicated++;
    seen.add(id);
    if (id < highest) outOfOrder++;
    highest = Math.max(highest, id);
  }
  const lost = rows.filter((id) => !seen.has(id)).length;
  return { rows: rows.length, records: records.length, lost, duplicated, outOfOrder };
}

/** Every row is there once and in order, and nothing else is. */
export function isExact({ rows, records, lost, duplicated, outOfOrder }: Comparison): boolean {
  return lost === 0 && duplicated === 0 && outOfOrder === 0 && rows === records;
}
