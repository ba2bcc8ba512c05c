// Pure: how the tables of a snapshot are divided among its readers.
import type { TableShape } from "../tables/table-shape.ts";

/** What the catalog estimates of a table. */
export interface TableSize {
  readonly pages: number;
  /** Null: never counted. */
  readonly rows: number | null;
}

export interface SnapshotTable {
  readonly shape: TableShape;
  readonly size: TableSize;
  /** A plain table that is read as it is: only then a range of its pages can be read. */
  readonly divisible: boolean;
}

/** Pages `from` up to, but without, `to`; a table's last part has no end. */
export interface TablePart {
  readonly table: number;
  readonly pages: { readonly from: number; readonly to: number | null } | null;
}

/** Less than this is not worth a statement of its own: 16 MB. */
const PART_PAGES_MIN = 2048;
/** So that a reader that is slow has little left when the others are done. */
const PARTS_PER_READER = 4;

/** In the order in which readers take them. One reader takes each table whole. */
export function snapshotParts(tables: readonly SnapshotTable[], readers: number): TablePart[] {
  return tables.flatMap(({ size, divisible }, table): TablePart[] => {
    const step = Math.max(PART_PAGES_MIN, Math.ceil(size.pages / (readers * PARTS_PER_READER)));
    const count = Math.ceil(size.pages / step);
    if (readers === 1 || !divisible || count < 2) return [{ table, pages: null }];
    return Array.from({ length: count }, (_, i) => {
      return { table, pages: { from: i * step, to: i === count - 1 ? null : (i + 1) * step } };
    });
  });
}

/** The condition of a part, by the place of its rows. */
export function partCondition({ pages }: TablePart): string {
  if (pages === null) return "";
  const from = `ctid >= '(${pages.from},0)'::tid`;
  return ` WHERE ${pages.to === null ? from : `${from} AND ctid < '(${pages.to},0)'::tid`}`;
}
