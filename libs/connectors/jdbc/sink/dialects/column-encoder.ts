// Pure: values of records as values of statements, for what databases have in common.
import { BoxedNumber, ConnectDate, ConnectError, Decimal, type Schema, Time, Timestamp } from "@millrace/connect";
import type { SqlValue } from "../../connection/connection.ts";
import type { SinkColumn } from "../sink-columns.ts";
import type { JdbcSinkSettings } from "../sink-settings.ts";
import { ZonedText } from "../zoned-text.ts";

export type Encode = (value: unknown) => SqlValue;

/** How a dialect writes what the databases do not agree on; instants in milliseconds since the epoch. */
export interface ValueForms {
  boolean(value: boolean): SqlValue;
  date(ms: number, zone: ZonedText): SqlValue;
  time(ms: number, zone: ZonedText): SqlValue;
  timestamp(ms: number, zone: ZonedText): SqlValue;
  /** Null: there are no such columns. */
  array: ((schema: Schema, element: Encode) => Encode) | null;
}

export type EncoderSettings = Pick<JdbcSinkSettings, "timeZone" | "dateTimeZone" | "timestampFields" | "timestampUnit">;

/** In plain text with the zone's date and time, numbers for booleans. */
export const TEXT_FORMS: ValueForms = {
  boolean: Number,
  date: (ms, zone) => zone.date(ms),
  time: (ms, zone) => zone.time(ms),
  timestamp: (ms, zone) => zone.timestamp(ms),
  array: null,
};

export function isFineTimestamp({ name, schema, isKey }: SinkColumn, settings: EncoderSettings): boolean {
  const fits = (schema.type === "INT64" || schema.type === "STRING") && schema.name === null;
  return fits && !isKey && settings.timestampFields.includes(name);
}

/** @throws ConnectError, from the function it gives too, for what no column can hold. */
export function columnEncoder(settings: EncoderSettings, forms: ValueForms): (column: SinkColumn) => Encode {
  const zone = new ZonedText(settings.timeZone);
  const dateZone = settings.dateTimeZone === settings.timeZone ? zone : new ZonedText(settings.dateTimeZone);

  const encoder = (schema: Schema): Encode => {
    switch (schema.name) {
      case Decimal.LOGICAL_NAME:
        return (value) => (value as Decimal).toPlainString();
      case ConnectDate.LOGICAL_NAME:
        return (value) => forms.date((value as Date).getTime(), dateZone);
      case Time.LOGICAL_NAME:
        return (value) => forms.time((value as Date).getTime(), zone);
      case Timestamp.LOGICAL_NAME:
        return (value) => forms.timestamp((value as Date).getTime(), zone);
    }
    switch (schema.type) {
      case "INT8":
      case "INT16":
      case "INT32":
      case "INT64":
      case "FLOAT32":
      case "FLOAT64":
        return (value) => (value instanceof BoxedNumber ? value.value : value) as SqlValue;
      case "BOOLEAN":
        return (value) => forms.boolean(value as boolean);
      case "STRING":
      case "BYTES":
        return (value) => value as SqlValue;
      case "ARRAY":
        if (forms.array !== null) return forms.array(schema, encoder(schema.valueSchema!));
    }
    return () => {
      throw new ConnectError(`Unsupported source data type: ${schema.type}`, { code: "TYPE_UNSUPPORTED" });
    };
  };

  return (column) => {
    const encode = isFineTimestamp(column, settings)
      ? fineTimestamp(settings.timestampUnit, (ms) => forms.timestamp(ms, zone))
      : encoder(column.schema);
    return (value) => (value === null ? null : encode(value));
  };
}

/** Micro- or nanoseconds since the epoch, as a number or its text; a text that is no number is written as it is. */
function fineTimestamp(unit: EncoderSettings["timestampUnit"], write: (ms: number) => SqlValue): Encode {
  const digits = unit === "microseconds" ? 3 : 6;
  const perMs = 10n ** BigInt(digits);
  return (value) => {
    if (typeof value === "string" && !/^-?\d+$/.test(value)) return value;
    const count = BigInt(value as number | bigint | string);
    const fraction = ((count % perMs) + perMs) % perMs;
    const text = write(Number((count - fraction) / perMs));
    const finer = String(fraction).padStart(digits, "0");
    return typeof text === "string" ? text.replace(/(\.\d{3})/, `$1${finer}`) : text;
  };
}
