// Pure: rows of a table against their copies.

/** Values as text, by id. */
export type Rows = ReadonlyMap<string, string>;

export interface Difference {
  readonly missing: number;
  /** In the copy, but not, or not any more, in the table. */
  readonly left: number;
  readonly different: number;
}

export interface TableComparison {
  readonly table: string;
  readonly rows: number;
  readonly documents: Difference;
  readonly copies: Difference;
}

export function compareRows(rows: Rows, copy: Rows): Difference {
  let missing = 0;
  let different = 0;
  for (const [id, value] of rows) {
    const other = copy.get(id);
    if (other === undefined) missing++;
    else if (other !== value) different++;
  }
  return { missing, different, left: copy.size - (rows.size - missing) };
}

export const isSame = ({ missing, left, different }: Difference): boolean => missing + left + different === 0;

export function renderComparison(tables: readonly TableComparison[]): string[] {
  const cells = (where: string, { missing, left, different }: Difference) => [where, missing, left, different];
  const table = [
    ["table", "rows", "in", "missing", "left over", "different"],
    ...tables.flatMap(({ table: name, rows, documents, copies }) => [
      [name, rows, ...cells("Elasticsearch", documents)],
      ["", "", ...cells("the other Postgres", copies)],
    ]),
  ];
  const lines = table.map(
    ([name, rows, where, ...numbers]) =>
      `  ${String(name).padEnd(12)}${shown(rows).padStart(10)}   ${String(where).padEnd(20)}${numbers
        .map((number) => shown(number).padStart(12))
        .join("")}`,
  );
  const same = tables.every(({ documents, copies }) => isSame(documents) && isSame(copies));
  return [...lines, "", same ? "  The same everywhere, row by row." : "  NOT the same: see the table above."];
}

const shown = (value: string | number | undefined): string =>
  typeof value === "number" ? value.toLocaleString("en-US") : String(value);
