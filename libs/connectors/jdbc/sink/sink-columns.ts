// Pure: which columns a record has, and where their values come from.
import { ConnectError, Schema, type SinkRecord, type Struct } from "@millrace/connect";
import type { JdbcSinkSettings } from "./sink-settings.ts";

/** Where a column's value is found. */
export type ColumnOrigin =
  | { readonly from: "key" | "value"; readonly index: number }
  /** The whole key or value: it is no struct. */
  | { readonly from: "key-itself" | "value-itself" | "topic" | "partition" | "offset" };

export interface SinkColumn {
  readonly name: string;
  readonly schema: Schema;
  readonly isKey: boolean;
  readonly origin: ColumnOrigin;
}

export interface SinkColumns {
  /** In the order in which a table is created with them. */
  readonly all: readonly SinkColumn[];
  readonly key: readonly SinkColumn[];
  readonly others: readonly SinkColumn[];
}

const KAFKA_PK_FIELDS = ["__connect_topic", "__connect_partition", "__connect_offset"];
const NESTED: readonly string[] = ["ARRAY", "MAP", "STRUCT"];

type ColumnSettings = Pick<JdbcSinkSettings, "pkMode" | "pkFields" | "fieldsWhitelist" | "textColumn">;

/** @throws ConnectError, in Confluent's words, when the schemas do not give what the settings ask for. */
export function sinkColumns(
  table: string,
  settings: ColumnSettings,
  keySchema: Schema | null,
  valueSchema: Schema | null,
): SinkColumns {
  const key = keyColumns(table, settings, keySchema, valueSchema);
  const names = new Set(key.map(({ name }) => name));
  const others: SinkColumn[] = [];
  if (valueSchema?.type === "STRUCT") {
    for (const { name, schema, index } of valueSchema.fields) {
      if (names.has(name) || (settings.fieldsWhitelist.length > 0 && !settings.fieldsWhitelist.includes(name)))
        continue;
      others.push({ name, schema, isKey: false, origin: { from: "value", index } });
    }
  } else if (valueSchema?.type === "STRING") {
    others.push({ name: settings.textColumn, schema: valueSchema, isKey: false, origin: { from: "value-itself" } });
  } else if (valueSchema !== null) throw new ConnectError("Value schema must be of type Struct or String");
  if (key.length + others.length === 0) {
    throw new ConnectError(`No fields found using key and value schemas for table: ${table}`);
  }
  return { all: inTableOrder([...key, ...others], valueSchema), key, others };
}

/** Kafka's coordinates, then fields as the value has them, then the rest by name. */
function inTableOrder(columns: readonly SinkColumn[], valueSchema: Schema | null): SinkColumn[] {
  const left = new Map(columns.map((column) => [column.name, column]));
  const inValue = valueSchema?.type === "STRUCT" ? valueSchema.fields.map(({ name }) => name) : [];
  const ordered: SinkColumn[] = [];
  for (const name of [...KAFKA_PK_FIELDS, ...inValue, ...[...left.keys()].sort()]) {
    const column = left.get(name);
    if (column !== undefined) ordered.push(column);
    left.delete(name);
  }
  return ordered;
}

function keyColumns(
  table: string,
  { pkMode, pkFields }: ColumnSettings,
  keySchema: Schema | null,
  valueSchema: Schema | null,
): SinkColumn[] {
  switch (pkMode) {
    case "none":
      return [];
    case "kafka":
      return kafkaColumns(table, pkFields);
    case "record_key":
      if (keySchema === null) {
        throw new ConnectError(`PK mode for table '${table}' is RECORD_KEY, but record key schema is missing`);
      }
      if (keySchema.type === "STRUCT") return structColumns(table, "RECORD_KEY", pkFields, "key", keySchema);
      if (NESTED.includes(keySchema.type)) {
        throw new ConnectError(`Key schema must be primitive type or Struct, but is of type: ${keySchema.type}`);
      }
      if (pkFields.length !== 1) {
        throw new ConnectError(
          "Need exactly one PK column defined since the key schema for records is a primitive type, " +
            `defined columns are: [${pkFields.join(", ")}]`,
        );
      }
      return [{ name: pkFields[0]!, schema: keySchema, isKey: true, origin: { from: "key-itself" } }];
    case "record_value":
      if (valueSchema?.type !== "STRUCT") {
        throw new ConnectError(`PK mode for table '${table}' is RECORD_VALUE, but record value schema is missing`);
      }
      return structColumns(table, "RECORD_VALUE", pkFields, "value", valueSchema);
  }
}

function kafkaColumns(table: string, pkFields: readonly string[]): SinkColumn[] {
  if (pkFields.length !== 0 && pkFields.length !== 3) {
    throw new ConnectError(
      `PK mode for table '${table}' is KAFKA so there should either be no field names defined for defaults ` +
        `[${KAFKA_PK_FIELDS.join(", ")}] to be applicable, or exactly 3, defined fields are: [${pkFields.join(", ")}]`,
    );
  }
  const [topic, partition, offset] = pkFields.length === 3 ? pkFields : KAFKA_PK_FIELDS;
  return [
    { name: topic!, schema: Schema.STRING, isKey: true, origin: { from: "topic" } },
    { name: partition!, schema: Schema.INT32, isKey: true, origin: { from: "partition" } },
    { name: offset!, schema: Schema.INT64, isKey: true, origin: { from: "offset" } },
  ];
}

function structColumns(
  table: string,
  mode: "RECORD_KEY" | "RECORD_VALUE",
  pkFields: readonly string[],
  from: "key" | "value",
  schema: Schema,
): SinkColumn[] {
  const names = pkFields.length > 0 ? pkFields : schema.fields.map(({ name }) => name);
  return names.map((name) => {
    const field = schema.field(name);
    if (field === undefined) {
      throw new ConnectError(
        `PK mode for table '${table}' is ${mode} with configured PK fields [${pkFields.join(", ")}], but record ${from} ` +
          `schema does not contain field: ${name}`,
      );
    }
    return { name, schema: field.schema, isKey: true, origin: { from, index: field.index } };
  });
}

/** As the record has it; a null gives way to the schema's default where `nullAsDefault` says so. */
export function columnReader(column: SinkColumn, nullAsDefault: boolean): (record: SinkRecord) => unknown {
  const { origin, schema } = column;
  const fallback = nullAsDefault ? (schema.default ?? null) : null;
  switch (origin.from) {
    case "key":
      return (record) => (record.key as Struct).values[origin.index] ?? fallback;
    case "value":
      return (record) => (record.value as Struct | null)?.values[origin.index] ?? fallback;
    case "key-itself":
      return (record) => record.key ?? fallback;
    case "value-itself":
      return (record) => record.value ?? fallback;
    case "topic":
      return (record) => record.topic;
    case "partition":
      return (record) => record.partition;
    case "offset":
      return (record) => record.offset;
  }
}

/** As Confluent's errors name a column. */
export function columnText({ name, schema, isKey }: SinkColumn): string {
  return `SinkRecordField{schema=${schema}, name='${name}', isPrimaryKey=${isKey}}`;
}
