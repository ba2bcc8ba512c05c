import type { Settings } from "../config/settings.ts";
import type { Catalog, CatalogTable } from "./catalog.ts";
import { keyColumns, shapeTable } from "./shape-table.ts";
import type { TableShape } from "./table-shape.ts";

/** A table whose rows are read by queries: with the columns the catalog has. */
export interface FoundTable {
  readonly shape: TableShape;
  readonly table: CatalogTable;
  /** Names of the columns its rows are known by. */
  readonly key: readonly string[];
  typeName(oid: number): string;
}

/** Null when there is no such table any more. */
export async function readShape(catalog: Catalog, settings: Settings, oid: number): Promise<FoundTable | null> {
  const table = await catalog.table(oid);
  if (table === null) return null;
  const types = await catalog.types(table.columns.map((column) => column.typeOid));
  const columns = table.columns.map(({ name, typeOid, modifier }) => ({ name, type: types.get(typeOid)!, modifier }));
  const shape = shapeTable({ settings, table, columns });
  return { shape, table, key: keyColumns(settings, table), typeName: (type) => types.get(type)!.name };
}
