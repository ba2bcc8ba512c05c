// Pure: how a record's columns and a table's belong together.
import type { SinkColumn, SinkColumns } from "./sink-columns.ts";
import type { TableColumn, TableShape, TargetColumn, WriteTarget } from "./sink-dialect.ts";
import type { SinkTable } from "./table-name.ts";

/** Names differing only by case count as the same where the very name is not there. */
export function findColumn(shape: TableShape, name: string): TableColumn | undefined {
  return (
    shape.columns.find((column) => column.name === name) ??
    shape.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  );
}

export function missingColumns(columns: readonly SinkColumn[], shape: TableShape): SinkColumn[] {
  return columns.filter(({ name }) => findColumn(shape, name) === undefined);
}

/** The table must have all of the columns. */
export function writeTarget(table: SinkTable, columns: SinkColumns, shape: TableShape): WriteTarget {
  const target = (column: SinkColumn): TargetColumn => ({ column, target: findColumn(shape, column.name)! });
  return { table, key: columns.key.map(target), others: columns.others.map(target) };
}
