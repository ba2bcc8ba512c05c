// Pure: what a record must have for the settings, in Confluent's words.
import { ConnectError, javaClassName, type Schema, type SinkRecord } from "@millrace/connect";
import type { JdbcSinkSettings } from "./sink-settings.ts";

type CheckedSettings = Pick<JdbcSinkSettings, "pkMode" | "deleteEnabled" | "fieldsWhitelist" | "timestampFields">;

/** Throws ConnectError for a record that cannot be written. */
export function recordCheck(connector: string, settings: CheckedSettings): (record: SinkRecord) => void {
  const { pkMode, deleteEnabled, fieldsWhitelist, timestampFields } = settings;
  const needsKey = pkMode === "record_key" || deleteEnabled;
  const needsValue = pkMode === "none" || pkMode === "record_value" || !deleteEnabled;
  const takesText = pkMode !== "record_value" && fieldsWhitelist.length === 0 && timestampFields.length === 0;

  const fail = (record: SinkRecord, needed: string, part: "key" | "value") => {
    const schema = part === "key" ? record.keySchema : record.valueSchema;
    const { topic, partition, offset, timestamp } = record;
    throw new ConnectError(
      `Sink connector '${connector}' is configured with 'delete.enabled=${deleteEnabled}' and 'pk.mode=${pkMode}' and ` +
        `therefore requires records with ${needed}, but found record at ` +
        `(topic='${topic}',partition=${partition},offset=${offset},timestamp=${timestamp}) ` +
        `with a ${className(record[part])} ${part} and ${schemaText(schema)} ${part} schema.`,
      { code: "RECORD_UNFIT" },
    );
  };
  const valueTypes = takesText ? "Struct or String" : "Struct";

  return (record) => {
    const { key, keySchema, value, valueSchema } = record;
    if (needsKey && ((key ?? null) === null || !isKeySchema(keySchema))) {
      fail(record, "a non-null key and non-null Struct or primitive key schema", "key");
    }
    const isDelete = deleteEnabled && (value ?? null) === null;
    if (isDelete || (!needsValue && (value ?? null) === null)) return;
    const type = valueSchema?.type;
    const fits = (value ?? null) !== null && (type === "STRUCT" || (takesText && type === "STRING"));
    if (!fits) fail(record, `a non-null ${valueTypes} value and non-null ${valueTypes} schema`, "value");
  };
}

function isKeySchema(schema: Schema | null): boolean {
  return schema !== null && schema.type !== "ARRAY" && schema.type !== "MAP";
}

function className(value: unknown): string {
  if ((value ?? null) === null) return "null";
  return String(javaClassName(value)).replace(/^.*\./, "");
}

function schemaText(schema: Schema | null): string {
  return schema === null ? "null" : (schema.name ?? schema.type.toLowerCase());
}
