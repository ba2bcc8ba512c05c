import type { Database, Scan, TableShape } from "./dialect.ts";
import type { TableBatch, TableReader } from "./table-reader.ts";

/** All rows of one table, each time anew, without offsets. Each pass sees the table as of one moment. */
export class BulkTable implements TableReader {
  readonly #database: Database;
  readonly #shape: TableShape;
  readonly #batchMaxRows: number;
  readonly #suffix: string;
  #scan: Scan | null = null;
  #complete = false;

  constructor(database: Database, shape: TableShape, batchMaxRows: number, suffix: string) {
    this.#database = database;
    this.#shape = shape;
    this.#batchMaxRows = batchMaxRows;
    this.#suffix = suffix;
  }

  async next(): Promise<TableBatch> {
    if (this.#complete) {
      this.#complete = false;
      return { kind: "end" };
    }
    this.#scan ??= this.#database.scan(this.#shape, this.#suffix);
    const rows = await this.#scan.next(this.#batchMaxRows);
    if (rows === null) return { kind: "changed" };
    if (rows.length < this.#batchMaxRows) {
      this.#scan = null;
      this.#complete = rows.length > 0;
    }
    if (rows.length === 0) return { kind: "end" };
    return { kind: "rows", rows, from: 0, to: rows.length, offsets: null };
  }

  async close(): Promise<void> {
    await this.#scan?.close();
    this.#scan = null;
  }
}
