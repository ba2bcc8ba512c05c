// No tests: tables without a database.

import { cdcSettings, type Settings } from "../config/settings.ts";
import type { CatalogColumn } from "../tables/catalog.ts";
import type { PgType } from "../tables/pg-type.ts";
import { shapeTable } from "../tables/shape-table.ts";
import type { TableShape } from "../tables/table-shape.ts";

type Column = readonly [name: string, type: string, modifier: number, notNull: boolean, default_?: string];

export const CONFIG = {
  "topic.prefix": "p",
  "database.hostname": "localhost",
  "database.user": "u",
  "database.dbname": "d",
} as const;

export function settingsOf(config: Readonly<Record<string, string>> = {}): Settings {
  return cdcSettings({ ...CONFIG, ...config });
}

export function typeOf(name: string, more: Partial<PgType> = {}): PgType {
  return {
    oid: 1,
    name,
    schema: "pg_catalog",
    kind: "b",
    element: null,
    delimiter: ",",
    base: null,
    baseModifier: -1,
    labels: [],
    ...more,
  };
}

/** The table `public.t` with its first column as key. */
export function shapeOf(columns: readonly Column[], config: Readonly<Record<string, string>> = {}): TableShape {
  const catalog = columns.map(
    ([name, , modifier, notNull, default_]): CatalogColumn => ({
      name,
      typeOid: 1,
      modifier,
      notNull,
      generated: false,
      default: default_ ?? null,
      comment: null,
    }),
  );
  return shapeTable({
    settings: settingsOf(config),
    table: { oid: 1, schema: "public", name: "t", comment: null, columns: catalog, key: [columns[0]![0]] },
    columns: columns.map(([name, type, modifier]) => ({ name, type: typeOf(type), modifier })),
  });
}
