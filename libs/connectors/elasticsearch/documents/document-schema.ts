// Pure: what Elasticsearch cannot take as JsonConverter writes it: decimals become doubles, maps may become lists.
import { Decimal, entriesOf, type Field, type MapData, Schema, type SchemaProperties, Struct } from "@millrace/connect";

/** A schema, and its values in another. */
export interface Reshaped {
  readonly schema: Schema;
  /** Null: values stay as they are. Nulls are not given to it. */
  readonly value: ((value: unknown) => unknown) | null;
}

export function reshaped(schema: Schema, compactMaps: boolean): Reshaped {
  const found = reshape(schema, compactMaps);
  return found.value === null ? { schema, value: null } : found;
}

function reshape(schema: Schema, compactMaps: boolean): Reshaped {
  if (schema.name === Decimal.LOGICAL_NAME) {
    const toNumber = (value: unknown) => (value instanceof Decimal ? value.toNumber() : value);
    return changed(schema, { type: "FLOAT64" }, toNumber);
  }
  switch (schema.type) {
    case "ARRAY":
      return reshapeArray(schema, compactMaps);
    case "MAP":
      return reshapeMap(schema, compactMaps);
    case "STRUCT":
      return reshapeStruct(schema, compactMaps);
    default:
      return { schema, value: null };
  }
}

/** With what the schema says beside its type. */
function changed(schema: Schema, properties: SchemaProperties, value: (value: unknown) => unknown): Reshaped {
  const preset = schema.type === "STRUCT" || schema.default === undefined ? undefined : value(schema.default);
  return { schema: new Schema({ ...properties, optional: schema.optional, default: preset }), value };
}

function reshapeArray(schema: Schema, compactMaps: boolean): Reshaped {
  if (schema.valueSchema === null) return { schema, value: null };
  const element = reshape(schema.valueSchema, compactMaps);
  const each = element.value;
  if (each === null) return { schema, value: null };
  return changed(schema, { type: "ARRAY", valueSchema: element.schema }, (value) =>
    Array.isArray(value) ? value.map((one) => unlessNull(one, each)) : value,
  );
}

function reshapeMap(schema: Schema, compactMaps: boolean): Reshaped {
  const { keySchema, valueSchema } = schema;
  if (keySchema === null || valueSchema === null) return { schema, value: null };
  const key = reshape(keySchema, compactMaps);
  const value = reshape(valueSchema, compactMaps);
  if (compactMaps && keySchema.type === "STRING") {
    const each = value.value;
    if (each === null) return { schema, value: null };
    return changed(schema, { type: "MAP", keySchema, valueSchema: value.schema }, (map) => {
      const copy = new Map<unknown, unknown>();
      for (const [name, one] of entriesOf(map as MapData)) copy.set(name, unlessNull(one, each));
      return copy;
    });
  }
  const fields: Field[] = [
    { name: "key", index: 0, schema: key.schema },
    { name: "value", index: 1, schema: value.schema },
  ];
  const name = `${keySchema.name ?? keySchema.type}-${valueSchema.name ?? valueSchema.type}`;
  const entry = new Schema({ type: "STRUCT", name, fields });
  return changed(schema, { type: "ARRAY", valueSchema: entry }, (map) =>
    Array.from(entriesOf(map as MapData), ([one, other]) =>
      Struct.of(entry, [unlessNull(one, key.value), unlessNull(other, value.value)]),
    ),
  );
}

function reshapeStruct(schema: Schema, compactMaps: boolean): Reshaped {
  const parts = schema.fields.map((field) => reshape(field.schema, compactMaps));
  if (parts.every(({ value }) => value === null)) return { schema, value: null };
  const fields = schema.fields.map((field, i) => ({ ...field, schema: parts[i]!.schema }));
  const target = new Schema({ type: "STRUCT", name: schema.name, optional: schema.optional, fields });
  const copy = (value: unknown) => {
    if (!(value instanceof Struct)) return value;
    return Struct.of(
      target,
      value.values.map((one, i) => unlessNull(one, parts[i]!.value)),
    );
  };
  return { schema: target, value: copy };
}

/** The writer puts defaults in the place of nulls. */
function unlessNull(value: unknown, change: ((value: unknown) => unknown) | null): unknown {
  return value === null || value === undefined || change === null ? value : change(value);
}
