// Pure: a value of one schema as a value of another that is like it, as Connect's SchemaProjector.

import { DataError, SchemaProjectorError } from "../errors.ts";
import { BoxedNumber } from "./boxed-number.ts";
import { DecimalValue } from "./decimal.ts";
import { dataEquals, mapOf } from "./equality.ts";
import { javaClassName } from "./java-class.ts";
import { entriesOf, isMap } from "./map-data.ts";
import { type Field, NUMBER_ORDER, type Schema } from "./schema.ts";
import { Struct } from "./struct.ts";
import { valueText } from "./value-text.ts";

/** Connect's SchemaProjector. */
export const SchemaProjector = { project } as const;

/**
 * Numbers become wider, fields may be added (optional, or with a default) and left out; names and parameters of schemas
 * must be the same. A target's default takes the place of null in optional data. Dates stay as they are.
 * @throws SchemaProjectorError when the schemas are not like each other.
 */
function project(source: Schema, value: unknown, target: Schema): unknown {
  requireCompatible(source, target);
  const absent = value === null || value === undefined;
  if (!source.optional || target.optional) return absent ? null : projectPresent(source, value, target);
  if (target.default === undefined) {
    throw new SchemaProjectorError(
      "Writer schema is optional, however, target schema does not provide a default value.",
    );
  }
  return absent ? target.default : projectPresent(source, value, target);
}

function requireCompatible(source: Schema, target: Schema): void {
  if (source.type !== target.type && !isPromotable(source, target)) {
    throw mismatch("Schema type mismatch.", "type", source.type, target.type);
  }
  if (source.name !== target.name) throw mismatch("Schema name mismatch.", "name", source.name, target.name);
  if (!dataEquals(source.parameters, target.parameters)) {
    throw mismatch("Schema parameters not equal.", "parameters", source.parameters, target.parameters);
  }
}

function mismatch(problem: string, what: string, source: unknown, target: unknown): SchemaProjectorError {
  return new SchemaProjectorError(
    `${problem} source ${what}: ${valueText(source)} and target ${what}: ${valueText(target)}`,
  );
}

function isPromotable(source: Schema, target: Schema): boolean {
  const from = NUMBER_ORDER.indexOf(source.type);
  return from >= 0 && from <= NUMBER_ORDER.indexOf(target.type);
}

function projectPresent(source: Schema, value: unknown, target: Schema): unknown {
  switch (target.type) {
    case "STRUCT":
      return projectStruct(source, value, target);
    case "ARRAY":
      return projectArray(source, value, target);
    case "MAP":
      return projectMap(source, value, target);
    default:
      return isPromotable(source, target) ? projectNumber(value, target) : value;
  }
}

function projectStruct(source: Schema, value: unknown, target: Schema): Struct {
  if (!(value instanceof Struct)) throw cannotBe("org.apache.kafka.connect.data.Struct", value, source);
  const projected = new Struct(target);
  for (const field of target.fields) {
    const sourceField = source.field(field.name);
    if (sourceField !== undefined) {
      projected.put(field, projectField(field.name, sourceField.schema, value.get(field.name), field.schema));
    } else if (!field.schema.optional) {
      projected.put(field, defaultOf(field, source));
    }
  }
  return projected;
}

/** Only of a required field: a missing optional one stays unset, and reading the struct gives its default. */
function defaultOf({ name, schema }: Field, source: Schema): unknown {
  if (schema.default !== undefined) return schema.default;
  throw new SchemaProjectorError(`Required field \`${name}\` is missing from source schema: ${source}`);
}

function projectField(name: string, source: Schema, value: unknown, target: Schema): unknown {
  try {
    return project(source, value, target);
  } catch (cause) {
    if (!(cause instanceof SchemaProjectorError)) throw cause;
    throw new SchemaProjectorError(`Error projecting ${name}`, { cause });
  }
}

function projectArray(source: Schema, value: unknown, target: Schema): unknown[] {
  if (!Array.isArray(value)) throw cannotBe("java.util.List", value, source);
  const [from, to] = [known(source.valueSchema), known(target.valueSchema)];
  return value.map((element) => project(from, element, to));
}

function projectMap(source: Schema, value: unknown, target: Schema): Map<unknown, unknown> {
  if (!isMap(value)) throw cannotBe("java.util.Map", value, source);
  const [fromKey, toKey] = [known(source.keySchema), known(target.keySchema)];
  const [fromValue, toValue] = [known(source.valueSchema), known(target.valueSchema)];
  const entries = [...entriesOf(value)];
  return mapOf(entries.map(([key, each]) => [project(fromKey, key, toKey), project(fromValue, each, toValue)]));
}

function known(schema: Schema | null): Schema {
  if (schema === null) throw new DataError("A schema that does not say what it holds cannot be projected");
  return schema;
}

/** The value fits its source, so that only a float can lose digits. What is no number stays as it is. */
function projectNumber(value: unknown, target: Schema): unknown {
  const number = value instanceof BoxedNumber ? value.value : value;
  if (typeof number !== "number" && typeof number !== "bigint") return value;
  if (target.type === "FLOAT64") return Number(number);
  if (target.type !== "FLOAT32") return number;
  return typeof number === "bigint" ? new DecimalValue(number, 0).toFloat32() : Math.fround(number);
}

/** Java's cast fails with the like of this. */
function cannotBe(javaClass: string, value: unknown, schema: Schema): DataError {
  return new DataError(`class ${javaClassName(value, schema)} cannot be cast to class ${javaClass}`);
}
