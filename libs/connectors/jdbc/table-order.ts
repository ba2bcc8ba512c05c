// Pure: which column of a table grows, and whether it will do.
import { ConnectError, Decimal } from "@millrace/connect";
import type { Column, TableShape } from "./dialect.ts";
import { incrementingColumnFor, type JdbcSourceSettings } from "./settings.ts";

const INTEGRAL: readonly string[] = ["INT8", "INT16", "INT32", "INT64"];

/** @throws ConnectError when there is no such column or it cannot be used. */
export function incrementingColumn(shape: TableShape, settings: JdbcSourceSettings): Column {
  const { id, columns } = shape;
  const wanted = incrementingColumnFor(id, settings);
  const column = columns.find((each) => (wanted === "" ? each.autoIncrement : each.name === wanted));
  if (column === undefined) {
    throw refused(
      wanted === ""
        ? `No identity or serial column found in table '${id.name}': set incrementing.column.name.`
        : `Incrementing column: ${wanted} does not exist in table '${id.name}'`,
    );
  }
  if (column.nullable && settings.validateNonNull) {
    throw refused(
      `Cannot make incremental queries using incrementing column ${column.name} on ${id.name} because this column is nullable.`,
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

function refused(message: string): ConnectError {
  return new ConnectError(message, { code: "INCREMENTING_COLUMN" });
}
