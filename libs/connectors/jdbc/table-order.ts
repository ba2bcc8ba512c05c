// Pure: by which columns a table is read, and whether they will do.
import { ConnectError, Decimal } from "@millrace/connect";
import type { Column, Order, TableShape } from "./dialect.ts";
import { incrementingColumnFor, type JdbcSourceSettings, timestampColumnsFor } from "./settings.ts";

const INTEGRAL: readonly string[] = ["INT8", "INT16", "INT32", "INT64"];

/**
 * In mode timestamp rows of the same timestamp are told apart by the primary key, where it can be.
 * @throws ConnectError when a column is missing or cannot be used.
 */
export function tableOrder(shape: TableShape, settings: JdbcSourceSettings): Order {
  const { incrementing, timestamp } = settings.marks;
  const timestamps = timestamp ? timestampColumns(shape, settings) : [];
  return { timestamps, keys: incrementing ? [incrementingColumn(shape, settings)] : tieBreakers(shape) };
}

function incrementingColumn(shape: TableShape, settings: JdbcSourceSettings): Column {
  const name = shape.id?.name ?? "query";
  const wanted = shape.id === null ? settings.incrementingColumn : incrementingColumnFor(shape.id, settings);
  const column = wanted === "" ? shape.columns.find((each) => each.autoIncrement) : named(shape, wanted);
  if (column === undefined) {
    throw refused(
      wanted === ""
        ? `No identity or serial column found in table '${name}': set incrementing.column.name.`
        : `Incrementing column: ${wanted} does not exist in table '${name}'`,
    );
  }
  if (column.nullable && settings.validateNonNull && shape.id !== null) {
    throw refused(
      `Cannot make incremental queries using incrementing column ${column.name} on ${name} because this column is nullable.`,
    );
  }
  const { schema } = column;
  if (schema.name === Decimal.LOGICAL_NAME) {
    if (Decimal.scaleOf(schema) !== 0) throw refused("Scale of Decimal value for incrementing column must be 0");
  } else if (schema.name !== null || !INTEGRAL.includes(schema.type)) {
    throw refused(`Invalid type for incrementing column: ${schema.type}`);
  }
  return column;
}

function timestampColumns(shape: TableShape, settings: JdbcSourceSettings): Column[] {
  const name = shape.id?.name ?? "query";
  const wanted = shape.id === null ? settings.timestampColumns : timestampColumnsFor(shape.id, settings);
  if (wanted.length === 0) {
    throw refused(`No timestamp column configured for table '${name}': set timestamp.column.name.`);
  }
  const found = wanted.map((each) => named(shape, each));
  const missing = wanted.filter((_, i) => found[i] === undefined);
  if (missing.length > 0) {
    throw refused(`Timestamp columns: ${missing.join(", ")} do not exist in table '${name}'`);
  }
  const columns = found as Column[];
  const unfit = columns.find((column) => !column.instant);
  if (unfit !== undefined) {
    throw refused(`Timestamp column ${unfit.name} on ${name} is neither a timestamp nor a date.`);
  }
  if (columns.every((column) => column.nullable) && settings.validateNonNull && shape.id !== null) {
    throw refused(
      `Cannot make incremental queries using timestamp columns ${columns.map((column) => column.name).join(", ")} on ${name} ` +
        "because all of these columns are nullable.",
    );
  }
  return columns;
}

/** Text as keys: what a database compares as it compares the column. */
export function tieBreakers(shape: TableShape): Column[] {
  const columns = shape.primaryKey.map((name) => named(shape, name));
  const usable = columns.every((column) => {
    if (column === undefined) return false;
    const { schema } = column;
    if (schema.name === Decimal.LOGICAL_NAME) return Decimal.scaleOf(schema) === 0;
    return schema.name === null && (schema.type === "STRING" || INTEGRAL.includes(schema.type)) && !column.instant;
  });
  return usable ? (columns as Column[]) : [];
}

/** Exactly, else whatever the case, as databases take unquoted names. */
function named(shape: TableShape, name: string): Column | undefined {
  const lower = name.toLowerCase();
  const exact = shape.columns.find((each) => each.name === name);
  return exact ?? shape.columns.find((each) => each.name.toLowerCase() === lower);
}

function refused(message: string): ConnectError {
  return new ConnectError(message, { code: "ORDER_COLUMN" });
}
