import { ConnectError, type Logger } from "@millrace/connect";
import type { JdbcConnection } from "../connection/connection.ts";
import { columnText, type SinkColumn } from "./sink-columns.ts";
import type { SinkDialect, TableColumn, TableShape } from "./sink-dialect.ts";
import type { JdbcSinkSettings } from "./sink-settings.ts";
import { missingColumns } from "./table-fit.ts";
import { type SinkTable, tableText } from "./table-name.ts";

export interface StructureDeps {
  readonly settings: Pick<JdbcSinkSettings, "autoCreate" | "autoEvolve" | "tableTypes" | "retriesMax">;
  readonly dialect: SinkDialect;
  readonly logger: Logger;
}

/** Knows the tables as they were when last asked for, creates missing ones and adds missing columns where that is wanted. */
export class TableStructure {
  readonly #deps: StructureDeps;
  readonly #known = new Map<string, TableShape>();

  constructor(deps: StructureDeps) {
    this.#deps = deps;
  }

  forget(): void {
    this.#known.clear();
  }

  /** Null when there is no such table. */
  async find(connection: JdbcConnection, table: SinkTable): Promise<TableShape | null> {
    return this.#known.get(tableText(table)) ?? this.#read(connection, table);
  }

  /**
   * The table with every one of the columns. Not inside a transaction: a statement that fails would end it.
   * @throws ConnectError in Confluent's words when something is missing that may not be made.
   */
  async fit(connection: JdbcConnection, table: SinkTable, columns: readonly SinkColumn[]): Promise<TableShape> {
    const shape = (await this.find(connection, table)) ?? (await this.#create(connection, table, columns));
    return this.#amend(connection, table, columns, shape, this.#deps.settings.retriesMax);
  }

  async #create(connection: JdbcConnection, table: SinkTable, columns: readonly SinkColumn[]): Promise<TableShape> {
    const { settings, dialect, logger } = this.#deps;
    if (!settings.autoCreate) {
      throw new ConnectError(`Table ${tableText(table)} is missing and auto-creation is disabled`, {
        code: "TABLE_MISSING",
      });
    }
    const sql = dialect.createTable(table, columns);
    logger.info("Creating a table.", { sql });
    let failure: unknown = null;
    try {
      await connection.execute(sql);
    } catch (error) {
      // Another task may have been faster.
      failure = error;
    }
    const shape = await this.#read(connection, table);
    if (shape !== null) return shape;
    throw failure ?? new ConnectError(`Table ${tableText(table)} was created but cannot be found`);
  }

  async #amend(
    connection: JdbcConnection,
    table: SinkTable,
    columns: readonly SinkColumn[],
    shape: TableShape,
    retries: number,
  ): Promise<TableShape> {
    const { settings, dialect, logger } = this.#deps;
    const missing = missingColumns(columns, shape);
    if (missing.length === 0) return shape;
    const fields = `[${missing.map(columnText).join(", ")}]`;
    const kind = shape.kind === "VIEW" ? "View" : "Table";
    if (shape.kind === "VIEW") {
      throw new ConnectError(`View ${tableText(table)} is missing fields (${fields}) and ALTER VIEW is unsupported`);
    }
    for (const column of missing) {
      if ((column.schema.optional && !column.isKey) || (column.schema.default ?? null) !== null) continue;
      throw new ConnectError(
        `Cannot ALTER TABLE ${tableText(table)} to add missing field ${columnText(column)}, as the field is not optional ` +
          "and does not have a default value",
        { code: "COLUMN_MISSING" },
      );
    }
    if (!settings.autoEvolve) {
      throw new ConnectError(
        `${kind} ${tableText(table)} is missing fields (${fields}) and auto-evolution is disabled`,
        { code: "COLUMN_MISSING" },
      );
    }
    const statements = dialect.addColumns(table, missing);
    logger.info("Adding columns to a table.", { sql: statements.join("; ") });
    try {
      for (const sql of statements) await connection.execute(sql);
    } catch (cause) {
      if (retries <= 0) {
        throw new ConnectError(`Failed to amend TABLE '${tableText(table)}' to add missing fields: ${fields}`, {
          cause,
        });
      }
      logger.warn("Adding columns failed; looking at the table again.", { error: cause });
    }
    // Whoever added them: another task may have been faster.
    const now = await this.#read(connection, table);
    if (now === null) throw new ConnectError(`Table ${tableText(table)} is gone`, { code: "TABLE_MISSING" });
    return this.#amend(connection, table, columns, now, retries - 1);
  }

  async #read(connection: JdbcConnection, table: SinkTable): Promise<TableShape | null> {
    const { sql, values } = this.#deps.dialect.describe(table);
    const { rows } = await connection.query(sql, values);
    const kind = String(rows[0]?.[0] ?? "");
    const isWritten = rows.length > 0 && this.#deps.settings.tableTypes.includes(kind);
    if (!isWritten) {
      this.#known.delete(tableText(table));
      return null;
    }
    const columns = rows.map(([, name, type]): TableColumn => ({ name: String(name), type: String(type) }));
    const shape = { kind, columns };
    this.#known.set(tableText(table), shape);
    return shape;
  }
}
