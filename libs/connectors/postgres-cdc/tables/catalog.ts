import { ConnectError } from "@millrace/connect";
import { type PgConnection, quoteText } from "../wire/pg-connection.ts";
import type { PgType } from "./pg-type.ts";

/** A table as the catalog has it at the moment. */
export interface CatalogTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly CatalogColumn[];
  /** Columns of the primary key in its order; else of the first unique index; else none. */
  readonly key: readonly string[];
}

export interface CatalogColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly modifier: number;
  readonly notNull: boolean;
  readonly generated: boolean;
  /** SQL of the default. */
  readonly default: string | null;
  readonly comment: string | null;
}

export interface TableName {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
}

/** Reads what tables and types there are. Types are kept; those of enums are looked up anew with each table. */
export class Catalog {
  readonly #connection: PgConnection;
  readonly #types = new Map<number, PgType>();

  constructor(connection: PgConnection) {
    this.#connection = connection;
  }

  /** Plain and partitioned tables, in order of their names. */
  async tables(): Promise<TableName[]> {
    const rows = await this.#connection.query(
      `SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
       ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`,
    );
    return rows.map((row) => ({ oid: Number(row.oid), schema: row.nspname!, name: row.relname! }));
  }

  /** Null when there is no such table any more. */
  async table(oid: number): Promise<CatalogTable | null> {
    const [row] = await this.#connection.query(describeTable(oid));
    if (row?.described == null) return null;
    return JSON.parse(row.described) as CatalogTable;
  }

  /** @throws ConnectError for a type that is not there any more. */
  async types(oids: readonly number[]): Promise<ReadonlyMap<number, PgType>> {
    const missing = oids.filter((oid) => this.#outdated(oid));
    if (missing.length > 0) await this.#load(missing);
    for (const oid of oids) {
      if (!this.#types.has(oid)) throw new ConnectError(`The type ${oid} is not in the database any more.`);
    }
    return this.#types;
  }

  #outdated(oid: number): boolean {
    const type = this.#types.get(oid);
    return type === undefined || type.kind === "e" || type.element?.kind === "e" || type.kind === "d";
  }

  async #load(oids: readonly number[]): Promise<void> {
    const rows = await this.#connection.query(describeTypes(oids));
    const found = new Map(rows.map((row) => [Number(row.oid), row]));
    const made = (oid: number): PgType | null => {
      const row = found.get(oid);
      if (row === undefined) return null;
      const type: PgType = {
        oid,
        name: row.typname!,
        schema: row.nspname!,
        kind: row.typtype!,
        element: made(Number(row.element)),
        delimiter: row.delimiter ?? ",",
        base: made(Number(row.typbasetype)),
        baseModifier: Number(row.typtypmod),
        labels: row.labels === null || row.labels === undefined ? [] : (JSON.parse(row.labels) as string[]),
      };
      this.#types.set(oid, type);
      return type;
    };
    for (const oid of oids) made(oid);
  }
}

function describeTable(oid: number): string {
  return `SELECT json_build_object(
    'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'comment', obj_description(c.oid, 'pg_class'),
    'columns', (SELECT coalesce(json_agg(json_build_object(
        'name', a.attname, 'typeOid', a.atttypid::bigint, 'modifier', a.atttypmod, 'notNull', a.attnotnull,
        'generated', a.attgenerated <> '', 'default', pg_get_expr(d.adbin, d.adrelid),
        'comment', col_description(a.attrelid, a.attnum)) ORDER BY a.attnum), '[]'::json)
      FROM pg_catalog.pg_attribute a
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'key', coalesce((SELECT (SELECT json_agg(k.attname ORDER BY u.place)
        FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY u(attnum, place)
        JOIN pg_catalog.pg_attribute k ON k.attrelid = c.oid AND k.attnum = u.attnum)
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      ORDER BY i.indisprimary DESC, x.relname COLLATE "C" LIMIT 1), '[]'::json)) AS described
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${oid}`;
}

function describeTypes(oids: readonly number[]): string {
  return `WITH RECURSIVE wanted(oid) AS (
      SELECT oid FROM pg_catalog.pg_type WHERE oid = ANY(${quoteText(`{${oids.join(",")}}`)}::oid[])
      UNION SELECT next.oid FROM wanted w JOIN pg_catalog.pg_type t ON t.oid = w.oid,
        LATERAL (VALUES (t.typbasetype), (CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END)) next(oid)
        WHERE next.oid <> 0)
    SELECT t.oid, t.typname, n.nspname, t.typtype, t.typbasetype, t.typtypmod,
      CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END AS element,
      (SELECT e.typdelim FROM pg_catalog.pg_type e WHERE e.oid = t.typelem) AS delimiter,
      (SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid) AS labels
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.oid IN (SELECT oid FROM wanted)`;
}
