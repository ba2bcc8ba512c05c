import { ConnectError, DataError, isConnectError, isRetriable, SchemaBuilder, Struct } from "@millrace/connect";
import { type ConnectionOptions, type JdbcConnection, openConnection } from "../connection/connection.ts";
import type { Bound, Column, Database, Order, Rows, Scan, Slice, TableShape } from "../dialect.ts";
import { type OrderWords, orderBy, sliceWhere } from "../order-sql.ts";
import { keyValue, type Position, type RowNumber, rowNumber } from "../position.ts";
import type { JdbcSourceSettings } from "../settings.ts";
import type { TableId } from "../table-id.ts";
import { tieBreakers } from "../table-order.ts";
import { type CatalogColumn, type ColumnKind, rowsOf, type SqlGrammar, type TimeWords } from "./sql-grammar.ts";

/** How long what commits late is waited for where the database does not tell who is writing. */
const LATE_COMMITS_MS = 5000;
/** Ids further apart are not counted to find gaps. */
const GAP_SEARCH_MAX = 200_000;
/** Of an application's clock. */
const STEP_NANOS_MIN = 1_000_000n;
const VALUE_BYTES = 8;
const APPLICATION_NAME = "millrace-jdbc-source";

interface SqlColumn extends Column, ColumnKind {
  readonly catalog: CatalogColumn;
}

interface SqlShape extends TableShape {
  readonly columns: readonly SqlColumn[];
  readonly selected: string;
  readonly from: string;
}

type Read = (value: unknown) => unknown;

/** Reads by plain SQL over a `JdbcConnection`, which is opened again after a failure. */
export class SqlDatabase implements Database {
  readonly #grammar: SqlGrammar;
  readonly #settings: JdbcSourceSettings;
  readonly #sleep: ConnectionOptions["sleep"];
  #connection: Promise<JdbcConnection> | null = null;

  constructor(grammar: SqlGrammar, settings: JdbcSourceSettings, sleep: ConnectionOptions["sleep"]) {
    this.#grammar = grammar;
    this.#settings = settings;
    this.#sleep = sleep;
  }

  async check(): Promise<void> {
    await this.#use((connection) => connection.query(this.#grammar.pingQuery));
  }

  now(): Promise<bigint> {
    return this.#use((connection) => this.#clock(connection, this.#grammar.time([], this.#settings)));
  }

  async tables(types: readonly string[]): Promise<TableId[]> {
    const rows = await this.#use((connection) => rowsOf(connection, this.#grammar.tablesQuery(types)));
    return rows.map(([catalog, schema, name]) => ({
      catalog: String(catalog ?? ""),
      schema: String(schema ?? ""),
      name: String(name),
    }));
  }

  async describe(id: TableId): Promise<SqlShape | null> {
    const grammar = this.#grammar;
    return this.#use(async (connection) => {
      const columns = await grammar.columns(connection, id);
      if (columns.length === 0) return null;
      return this.#shape(id, grammar.from(id), columns, await grammar.primaryKey(connection, id));
    });
  }

  describeQuery(query: string): Promise<SqlShape> {
    return this.#use(async (connection) => {
      const columns = await this.#grammar.resultColumns(connection, query);
      return this.#shape(null, `(${query}\n) millrace_query`, columns, []);
    });
  }

  #shape(id: TableId | null, from: string, columns: readonly CatalogColumn[], primaryKey: readonly string[]): SqlShape {
    const kinds = columns.map((catalog) => ({ catalog, kind: this.#grammar.kind(catalog, this.#settings) }));
    const known = kinds.flatMap(({ catalog, kind }) => {
      if (kind === null) return [];
      const { name, nullable, autoIncrement } = catalog;
      return [{ ...kind, catalog, name, nullable, autoIncrement, instant: this.#grammar.isInstant(catalog) }];
    });
    const schema = SchemaBuilder.struct();
    if (id !== null) schema.name(id.name);
    for (const column of known) schema.field(column.name, column.schema);
    return {
      id,
      from,
      primaryKey,
      columns: known,
      dropped: kinds.filter(({ kind }) => kind === null).map(({ catalog: { name, type } }) => `${name} (${type})`),
      schema: schema.build(),
      selected: known.map((column) => column.select(this.#grammar.quote(column.name))).join(", "),
    };
  }

  async read(shape: TableShape, { order, after, upTo, rowsMax, suffix }: Slice): Promise<Rows | null> {
    const { columns, selected, from } = shape as SqlShape;
    const words = this.#words(order);
    const list = words.times === null ? selected : `${selected}, ${words.times.selected}`;
    const where = sliceWhere(words, { after, upTo });
    const query = `SELECT ${list} FROM ${from} WHERE ${where} ORDER BY ${orderBy(words)}`;
    const limited = suffix === "" ? this.#grammar.limited(query, rowsMax) : `${query} ${suffix}`;
    const reads: Read[] = columns.map((column) => column.read);
    if (words.times !== null) reads.push(words.times.read);
    return this.#rows(limited, shape, reads);
  }

  async bound(shape: TableShape, order: Order, after: Position): Promise<Bound> {
    const words = this.#words(order);
    return this.#use(async (connection) => {
      const { from } = shape as SqlShape;
      const where = sliceWhere(words, { after, upTo: null });
      if (words.times !== null) {
        const { stepNanos } = words.times;
        const any = await rowsOf(
          connection,
          this.#grammar.limited(`SELECT ${words.times.selected} FROM ${from} WHERE ${where} ORDER BY 1`, 1),
        );
        if (any.length === 0) return { upTo: null, writers: [] };
        const clock = await this.#clock(connection, words.times);
        const upTo = clock - (stepNanos > STEP_NANOS_MIN ? stepNanos : STEP_NANOS_MIN);
        return { upTo, writers: await this.#writers(connection, true) };
      }
      const [row] = await rowsOf(connection, `SELECT max(${words.keys[0]}) FROM ${from} WHERE ${where}`);
      const newest = row?.[0] ?? null;
      if (newest === null) return { upTo: null, writers: [] };
      const upTo = rowNumber(String(newest).replace(/\.0*$/, ""));
      if (await this.#hasNoGaps(connection, `FROM ${from} WHERE ${sliceWhere(words, { after, upTo })}`, after, upTo)) {
        return { upTo, writers: [] };
      }
      return { upTo, writers: await this.#writers(connection, false) };
    });
  }

  /** Every id there can be is there: nothing is left to commit late. */
  async #hasNoGaps(connection: JdbcConnection, rows: string, after: Position, upTo: RowNumber): Promise<boolean> {
    if (this.#grammar.serialWriters !== undefined) return true;
    const expected = BigInt(upTo) - BigInt(after.keys![0]!);
    if (expected > GAP_SEARCH_MAX) return false;
    const [row] = await rowsOf(connection, `SELECT count(*) ${rows}`);
    return BigInt(String(row?.[0])) === expected;
  }

  async #writers(connection: JdbcConnection, timed: boolean): Promise<string[]> {
    const { serialWriters, writers } = this.#grammar;
    if (serialWriters !== undefined) return timed && (await serialWriters(connection)) ? ["writer"] : [];
    const names = (await writers?.(connection)) ?? null;
    if (names !== null) return names;
    const until =
      (await this.#clock(connection, this.#grammar.time([], this.#settings))) + BigInt(LATE_COMMITS_MS) * 1_000_000n;
    return [`until:${until}`];
  }

  unfinished(_shape: TableShape, _order: Order, writers: readonly string[]): Promise<readonly string[]> {
    return this.#use(async (connection) => {
      const until = writers.find((writer) => writer.startsWith("until:"));
      if (until !== undefined) {
        const now = await this.#clock(connection, this.#grammar.time([], this.#settings));
        return now < BigInt(until.slice(6)) ? writers : [];
      }
      const { serialWriters } = this.#grammar;
      if (serialWriters !== undefined) return (await serialWriters(connection)) ? writers : [];
      const there = await this.#grammar.writers!(connection);
      return writers.filter((writer) => there === null || there.includes(writer));
    });
  }

  /** By the primary key, else by counting, so that no more than a slice is ever in memory. */
  scan(shape: TableShape, suffix: string): Scan {
    const { columns, selected, from } = shape as SqlShape;
    const keys = suffix === "" ? tieBreakers(shape) : [];
    const words = this.#words({ timestamps: [], keys });
    const reads = columns.map((column) => column.read);
    const indexes = keys.map((key) => shape.schema.field(key.name)!.index);
    let open = false;
    let skipped = 0;
    let after: Position | null = null;
    const close = async () => {
      if (!open) return;
      open = false;
      await this.#use((connection) => connection.query("ROLLBACK"));
    };
    return {
      next: async (rowsMax) => {
        const { snapshotStatement } = this.#grammar;
        if (!open && snapshotStatement !== "") {
          await this.#use((connection) => connection.query(snapshotStatement));
          open = true;
        }
        const where = after === null ? "" : ` WHERE ${sliceWhere(words, { after, upTo: null })}`;
        const query = `SELECT ${selected} FROM ${from}${where}`;
        const slice =
          keys.length > 0
            ? this.#grammar.limited(`${query} ORDER BY ${orderBy(words)}`, rowsMax)
            : this.#grammar.page(`${query} ${suffix}`.trim(), skipped, rowsMax);
        const rows = await this.#rows(slice, shape, reads);
        const last = (rows?.length ?? 0) - 1;
        if (last >= 0) after = { nanos: null, keys: indexes.map((index) => keyValue(rows!.value(last, index))) };
        if (keys.length === 0) after = null;
        skipped += rows?.length ?? 0;
        if (rows === null || rows.length < rowsMax) await close();
        return rows;
      },
      close,
    };
  }

  async close(): Promise<void> {
    const opened = this.#connection;
    this.#connection = null;
    await opened?.then((connection) => connection.close()).catch(() => {});
  }

  #words({ timestamps, keys }: Order): OrderWords & { readonly times: TimeWords | null } {
    const catalog = (timestamps as readonly SqlColumn[]).map((column) => column.catalog);
    const times = catalog.length === 0 ? null : this.#grammar.time(catalog, this.#settings);
    return {
      times,
      time: times?.expression ?? null,
      keys: keys.map(({ name }) => this.#grammar.quote(name)),
      instant: (nanos) => times!.instant(nanos),
      text: (value) => this.#grammar.text(value),
    };
  }

  async #clock(connection: JdbcConnection, { clock, read }: TimeWords): Promise<bigint> {
    const [row] = await rowsOf(connection, clock);
    return read(row![0]);
  }

  async #rows(sql: string, shape: TableShape, reads: readonly Read[]): Promise<Rows | null> {
    try {
      const rows = await this.#use((connection) => rowsOf(connection, sql));
      return readRows(rows, shape, reads);
    } catch (error) {
      if (isConnectError(error) && this.#grammar.shapeChanged.includes(error.code)) return null;
      throw error;
    }
  }

  async #use<T>(work: (connection: JdbcConnection) => Promise<T>): Promise<T> {
    this.#connection ??= this.#open();
    const opened = this.#connection;
    try {
      return await work(await opened);
    } catch (error) {
      const passing = isRetriable(error) || !isConnectError(error);
      if (passing && this.#connection === opened) await this.close();
      throw error;
    }
  }

  async #open(): Promise<JdbcConnection> {
    const { url, user, password } = this.#settings;
    const connection = await openConnection({
      url,
      user,
      password,
      sleep: this.#sleep,
      applicationName: APPLICATION_NAME,
    });
    for (const statement of this.#grammar.sessionStatements(this.#settings)) await connection.query(statement);
    return connection;
  }
}

function readRows(rows: readonly (readonly unknown[])[], shape: TableShape, reads: readonly Read[]): Rows {
  const { schema, columns } = shape;
  let bytes = 0;
  const values = rows.map((row) =>
    reads.map((read, i) => {
      const value = row[i];
      bytes += typeof value === "string" || value instanceof Uint8Array ? value.length : VALUE_BYTES;
      if (value === null || value === undefined) return null;
      try {
        return read(value);
      } catch (cause) {
        const column = columns[i]?.name ?? "timestamp";
        if (cause instanceof ConnectError) throw new DataError(`Column ${column}: ${cause.message}`, { cause });
        throw new DataError(`Column ${column}: a value of another kind than the column's (${typeof value})`, { cause });
      }
    }),
  );
  const plain = reads.length === columns.length;
  return {
    length: values.length,
    bytes,
    value: (row, field) => values[row]![field],
    struct: (row) => Struct.of(schema, plain ? values[row]! : values[row]!.slice(0, columns.length)),
  };
}
