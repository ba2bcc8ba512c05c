import { readCopyRow } from "../capture/copy-row.ts";
import type { Settings } from "../config/settings.ts";
import { Catalog } from "../tables/catalog.ts";
import { readShape } from "../tables/read-shape.ts";
import type { TableShape } from "../tables/table-shape.ts";
import type { RowBytes } from "../values/row-bytes.ts";
import { type PgConnection, quoteName, quoteText } from "../wire/pg-connection.ts";
import { type ChunkColumn, type ChunkRange, type ChunkTable, chunkQuery, maximumQuery } from "./chunk-query.ts";
import type { KeyParts } from "./java-keys.ts";
import type { Collection } from "./progress.ts";
import type { RowWindow } from "./row-window.ts";
import { parseTableId } from "./table-id.ts";

/** A table as it is walked through. */
export interface WalkedTable extends ChunkTable {
  readonly shape: TableShape;
  /** Of the value: what tells rows apart. */
  readonly keyFields: readonly string[];
}

export type Lookup =
  | { readonly table: WalkedTable }
  | { readonly table: null; readonly reason: "UNKNOWN_SCHEMA" | "NO_PRIMARY_KEY" | "SQL_EXCEPTION" };

/** Looks up tables of an incremental snapshot and reads them piece by piece. */
export class ChunkReader {
  readonly #settings: Settings;
  readonly #connection: PgConnection;
  readonly #catalog: Catalog;

  constructor(settings: Settings, connection: PgConnection) {
    this.#settings = settings;
    this.#connection = connection;
    this.#catalog = new Catalog(connection);
  }

  /** `schema.table` of the tables that are captured. */
  async ids(): Promise<string[]> {
    const tables = await this.#catalog.tables();
    return tables
      .filter(({ schema, name }) => this.#settings.capturesTable(schema, name))
      .map(({ schema, name }) => `${schema}.${name}`);
  }

  /** Anew for each chunk: columns come and go. */
  async lookUp({ id, condition, surrogateKey }: Collection): Promise<Lookup> {
    const named = parseTableId(id);
    if (named === null || !this.#settings.capturesTable(named.schema, named.name))
      return { table: null, reason: "UNKNOWN_SCHEMA" };
    const regclass = quoteText(`${quoteName(named.schema)}.${quoteName(named.name)}`);
    const [row] = await this.#connection.query(`SELECT pg_catalog.to_regclass(${regclass})::oid AS oid`);
    const found = row?.oid == null ? null : await readShape(this.#catalog, this.#settings, Number(row.oid));
    if (found === null) return { table: null, reason: "UNKNOWN_SCHEMA" };
    const { shape, table } = found;
    const wanted = surrogateKey === null ? found.key : [surrogateKey];
    const keys = wanted.flatMap((name): ChunkColumn[] => {
      const column = table.columns.find((each) => each.name === name);
      return column === undefined ? [] : [{ name, type: found.typeName(column.typeOid), optional: !column.notNull }];
    });
    if (keys.length < wanted.length) return { table: null, reason: "SQL_EXCEPTION" };
    if (keys.length === 0) return { table: null, reason: "NO_PRIMARY_KEY" };
    const columns = shape.columns.flatMap(({ name, index }) => (index < 0 ? [] : [name]));
    const fields = shape.valueSchema.fields;
    const keyFields =
      shape.keySchema !== null
        ? shape.keyIndexes.map((index) => fields[index]!.name)
        : keys.flatMap(({ name }) => {
            const index = shape.columns.find((each) => each.name === name)?.index ?? -1;
            return index < 0 ? [] : [fields[index]!.name];
          });
    if (keyFields.length === 0) return { table: null, reason: "NO_PRIMARY_KEY" };
    return { table: { ...named, keys, columns, condition, shape, keyFields } };
  }

  /** Null for a table without rows. */
  async maximum(table: WalkedTable): Promise<KeyParts | null> {
    const [row] = await this.#connection.query(maximumQuery(table));
    return row === undefined ? null : table.keys.map((_, i) => row[`k${i}`] ?? null);
  }

  /** Fills the window. Gives how many rows were read, and the key of the last one. */
  async read(
    table: WalkedTable,
    range: ChunkRange,
    window: RowWindow,
  ): Promise<{ rows: number; end: KeyParts | null }> {
    const { shape, keys, keyFields } = table;
    const rowsMax = this.#settings.incremental.chunkRows;
    window.begin(shape, keyFields);
    let rows = 0;
    let end: KeyParts | null = null;
    let row: RowBytes = { bytes: Buffer.alloc(0), latin1: "" };
    await this.#connection.copyOut(`COPY (${chunkQuery(table, range, rowsMax)}) TO STDOUT`, (bytes, from, to) => {
      if (bytes !== row.bytes) row = { bytes, latin1: bytes.toString("latin1") };
      const values = readCopyRow(row, from, to, shape);
      end = lastFields(bytes, from, to, keys.length);
      window.put({ values, key: end });
      rows++;
      return true;
    });
    return { rows, end };
  }
}

/** The last fields of a line in COPY's text form. */
function lastFields(bytes: Buffer, from: number, to: number, count: number): (string | null)[] {
  const line = bytes.toString("utf8", from, to).replace(/\n$/, "");
  return line
    .split("\t")
    .slice(-count)
    .map((field) => (field === "\\N" ? null : field.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char)));
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
