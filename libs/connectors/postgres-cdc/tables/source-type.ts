// Pure: the type a column has in the database, for the schema's parameters.
import { fractionDigits, lengthLimit, numericSize, type PgType } from "./pg-type.ts";

const NO_LIMIT = 2_147_483_647;

export function sourceTypeParameters(column: string, type: PgType, modifier: number): Record<string, string> {
  const [length, scale] = lengthAndScale(type.element ?? type, modifier);
  return {
    "__debezium.source.column.type": type.name.toUpperCase(),
    "__debezium.source.column.length": String(length),
    "__debezium.source.column.scale": String(scale),
    "__debezium.source.column.name": column,
  };
}

/** As the JDBC driver describes columns: sizes in characters or digits. */
function lengthAndScale({ name }: PgType, modifier: number): readonly [length: number, scale: number] {
  const fraction = fractionDigits(modifier);
  const withPoint = fraction === 0 ? 0 : fraction + 1;
  switch (name) {
    case "int2":
      return [5, 0];
    case "int4":
    case "oid":
      return [10, 0];
    case "int8":
      return [19, 0];
    case "float4":
      return [8, 8];
    case "float8":
      return [17, 17];
    case "bool":
      return [1, 0];
    case "date":
      return [13, 0];
    case "time":
      return [8 + withPoint, fraction];
    case "timetz":
      return [14 + withPoint, fraction];
    case "timestamp":
      return [22 + withPoint, fraction];
    case "timestamptz":
      return [28 + withPoint, fraction];
    case "numeric": {
      const size = numericSize(modifier);
      return size === null ? [0, 0] : [size.precision, size.scale];
    }
    default:
      return [lengthLimit(name, modifier) ?? NO_LIMIT, 0];
  }
}
