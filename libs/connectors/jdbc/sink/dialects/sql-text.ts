// Pure: pieces of SQL the dialects share.
import { BoxedNumber, ConnectDate, ConnectError, Decimal, type Schema, Time, Timestamp } from "@millrace/connect";
import type { SinkColumn } from "../sink-columns.ts";
import type { TargetColumn } from "../sink-dialect.ts";
import type { SinkTable } from "../table-name.ts";
import { ZonedText } from "../zoned-text.ts";

export type Quote = (name: string) => string;

const UTC = new ZonedText("UTC");

export function quoteWith(open: string, close: string, quoteNames: boolean): Quote {
  return quoteNames ? (name) => open + name.replaceAll(close, close + close) + close : (name) => name;
}

export function qualified({ catalog, schema, name }: SinkTable, quote: Quote): string {
  return [catalog, schema, name]
    .filter((part) => part !== null)
    .map(quote)
    .join(".");
}

export const names = (columns: readonly TargetColumn[], quote: Quote): string[] =>
  columns.map(({ target }) => quote(target.name));

/** The type of a table's column for a schema. */
export interface ColumnTypes {
  /** By schema name, else by type. Left out: the database has nothing for it. */
  readonly [type: string]: string | ((column: SinkColumn) => string);
}

/** @throws ConnectError for a type the table has nothing for. */
export function columnType(column: SinkColumn, types: ColumnTypes): string {
  const { name, type } = column.schema;
  const found = (name === null ? undefined : types[name]) ?? types[type];
  if (found === undefined) {
    throw new ConnectError(`${name} (${type}) type doesn't have a mapping to the SQL database column type`, {
      code: "TYPE_UNSUPPORTED",
    });
  }
  return typeof found === "string" ? found : found(column);
}

export const DECIMAL = Decimal.LOGICAL_NAME;
export const DATE = ConnectDate.LOGICAL_NAME;
export const TIME = Time.LOGICAL_NAME;
export const TIMESTAMP = Timestamp.LOGICAL_NAME;

export interface TableForm {
  readonly quote: Quote;
  type(column: SinkColumn): string;
  /** A default as it stands in DDL. */
  literal(schema: Schema, value: unknown): string;
}

/** `"name" TYPE NOT NULL`, or with a default instead, or NULL. */
export function columnDefinition(column: SinkColumn, { quote, type, literal }: TableForm): string {
  const { name, schema, isKey } = column;
  const start = `${quote(name)} ${type(column)}`;
  if (schema.default !== undefined && schema.default !== null)
    return `${start} DEFAULT ${literal(schema, schema.default)}`;
  return schema.optional && !isKey ? `${start} NULL` : `${start} NOT NULL`;
}

export function createTable(name: string, columns: readonly SinkColumn[], form: TableForm): string {
  const key = columns.filter(({ isKey }) => isKey).map((column) => form.quote(column.name));
  const lines = columns.map((column) => columnDefinition(column, form));
  if (key.length > 0) lines.push(`PRIMARY KEY(${key.join(",")})`);
  return `CREATE TABLE ${name} (\n${lines.join(",\n")})`;
}

export interface LiteralForms {
  readonly true: string;
  readonly false: string;
  bytes(hex: string): string;
}

export function literal({ name, type }: Schema, value: unknown, forms: LiteralForms): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  switch (name) {
    case DECIMAL:
      return (value as Decimal).toPlainString();
    case DATE:
      return quoted(UTC.date((value as Date).getTime()));
    case TIME:
      return quoted(UTC.time((value as Date).getTime()));
    case TIMESTAMP:
      return quoted(UTC.timestamp((value as Date).getTime()));
  }
  switch (type) {
    case "BOOLEAN":
      return value === true ? forms.true : forms.false;
    case "STRING":
      return quoted(value as string);
    case "BYTES":
      return forms.bytes(Buffer.from(value as Uint8Array).toString("hex"));
    case "ARRAY":
    case "MAP":
    case "STRUCT":
      throw new ConnectError(`Unsupported type for column value: ${type}`, { code: "TYPE_UNSUPPORTED" });
    default:
      return String(value instanceof BoxedNumber ? value.value : value);
  }
}
