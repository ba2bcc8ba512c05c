// Pure: what is worked out once for the records of a table that have the same schemas.
import type { Schema, SinkRecord } from "@millrace/connect";
import type { SqlValue } from "../connection/connection.ts";
import { columnReader, type SinkColumns } from "./sink-columns.ts";
import type { SinkDialect, SqlRow } from "./sink-dialect.ts";
import type { SinkTable } from "./table-name.ts";

export interface PlanParts {
  readonly table: SinkTable;
  readonly columns: SinkColumns;
  readonly keySchema: Schema | null;
  readonly valueSchema: Schema | null;
  readonly isDelete: boolean;
}

export class RecordPlan {
  readonly table: SinkTable;
  readonly columns: SinkColumns;
  /** Of tombstones: rows have the key only. */
  readonly isDelete: boolean;
  readonly keyCount: number;
  readonly #keySchema: Schema | null;
  readonly #valueSchema: Schema | null;
  readonly #values: readonly ((record: SinkRecord) => SqlValue)[];

  constructor(parts: PlanParts, dialect: SinkDialect, nullAsDefault: boolean) {
    this.table = parts.table;
    this.columns = parts.columns;
    this.isDelete = parts.isDelete;
    this.#keySchema = parts.keySchema;
    this.#valueSchema = parts.valueSchema;
    this.keyCount = parts.columns.key.length;
    const all = parts.isDelete ? parts.columns.key : [...parts.columns.key, ...parts.columns.others];
    this.#values = all.map((column) => {
      const read = columnReader(column, nullAsDefault);
      const encode = dialect.encoder(column);
      return (record) => encode(read(record));
    });
  }

  /** The key's values first. @throws ConnectError when a value fits no column. */
  row(record: SinkRecord): SqlRow {
    const values = this.#values;
    const row: SqlValue[] = new Array(values.length);
    for (let i = 0; i < values.length; i++) row[i] = values[i]!(record);
    return row;
  }

  isFor(keySchema: Schema | null, valueSchema: Schema | null, isDelete: boolean): boolean {
    return isDelete === this.isDelete && same(this.#keySchema, keySchema) && same(this.#valueSchema, valueSchema);
  }

  sameKey(other: RecordPlan): boolean {
    return same(this.#keySchema, other.#keySchema);
  }

  /** The same for the same key. */
  keyId(row: SqlRow): SqlValue {
    if (this.keyCount === 1) {
      const [value] = row;
      return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value!;
    }
    const parts = row.slice(0, this.keyCount);
    return parts
      .map((part) => `${typeof part}:${part instanceof Uint8Array ? Buffer.from(part).toString("hex") : part}`)
      .join("\u0000");
  }
}

function same(a: Schema | null, b: Schema | null): boolean {
  return a === b || (a !== null && b !== null && a.equals(b));
}
