// Pure: how each type of the database appears.
import { Decimal, type PackedField, type Schema, SchemaBuilder, Struct } from "@millrace/connect";
import type { ValueSettings } from "../config/settings.ts";
import { fractionDigits, lengthLimit, numericSize, type PgType, plainType } from "../tables/pg-type.ts";
import { arrayCodec } from "./array-codec.ts";
import { binaryCodec, readTextBytes } from "./binary-codec.ts";
import {
  decimalReader,
  moneyReader,
  moneyText,
  moneyTextReader,
  readDecimalText,
  scaledTextReader,
  unscaledReader,
  variableScaleDecimal,
  variableScaleReader,
} from "./decimals.ts";
import { isGeometric, readGeometric } from "./geometric-text.ts";
import { readBit, readBits, readBoolean, readBytes, readFloat, readInteger, readString } from "./row-bytes.ts";
import { hstoreEntries, hstoreJson, pointNumbers, pointWkb } from "./structured-text.ts";
import {
  dateCodec,
  intervalCodec,
  timeCodec,
  timestampCodec,
  zonedTimeCodec,
  zonedTimestampCodec,
} from "./time-codecs.ts";
import { plainCodec, type ValueCodec } from "./value-codec.ts";
import { vectorCodec } from "./vector-codec.ts";

const NO_LIMIT = 2_147_483_647;

const TEXTS = new Set(
  (
    "bpchar varchar text name citext inet cidr macaddr macaddr8 " +
    "int4range int8range numrange tsrange tstzrange daterange isbn"
  ).split(" "),
);
const UTF8: PackedField = { form: "utf8" };
const DIGITS: PackedField = { form: "digits" };
const TEXTS_WITH_DEFAULT = new Set(["bpchar", "varchar", "text"]);
const NAMED_TEXTS: Readonly<Record<string, readonly [name: string, functionDefault: string | null, empty: string]>> = {
  json: ["io.debezium.data.Json", "{}", "{}"],
  jsonb: ["io.debezium.data.Json", "{}", "{}"],
  xml: ["io.debezium.data.Xml", "", ""],
  uuid: ["io.debezium.data.Uuid", "00000000-0000-0000-0000-000000000000", ""],
  ltree: ["io.debezium.data.Ltree", null, ""],
  tsvector: ["io.debezium.data.Tsvector", null, ""],
};

/** Null for types that are left out. */
export function codecOf(declared: PgType, declaredModifier: number, settings: ValueSettings): ValueCodec | null {
  const { type, modifier } = plainType(declared, declaredModifier);
  const known = scalarCodec(type, modifier, settings);
  if (known !== null) return known;
  if (type.kind === "e") {
    const builder = () =>
      SchemaBuilder.string().name("io.debezium.data.Enum").version(1).parameter("allowed", type.labels.join(","));
    return plainCodec({ builder, read: readString, packed: UTF8, fallback: "", functionDefault: "" });
  }
  if (type.element !== null) {
    const element = codecOf(type.element, modifier, settings);
    if (element !== null && !NOT_IN_ARRAYS.has(type.element.name)) return arrayCodec(type, element, settings);
  }
  if (!settings.includeUnknown) return null;
  return binaryCodec(settings, isGeometric(type.name) ? readGeometric : readTextBytes);
}

/** Arrays of these are left out. */
const NOT_IN_ARRAYS = new Set(["xml", "money", "name", "bit", "varbit", "interval", "point", "tsvector"]);

function scalarCodec(type: PgType, modifier: number, settings: ValueSettings): ValueCodec | null {
  const { text } = settings.placeholder;
  const { name } = type;
  if (TEXTS.has(name)) {
    return plainCodec({
      builder: SchemaBuilder.string,
      read: readString,
      packed: UTF8,
      fallback: "",
      placeholder: text,
      ...(TEXTS_WITH_DEFAULT.has(name) ? { functionDefault: "" } : {}),
    });
  }
  const namedText = NAMED_TEXTS[name];
  if (namedText !== undefined) {
    const [schemaName, functionDefault, fallback] = namedText;
    const builder = () => SchemaBuilder.string().name(schemaName).version(1);
    const parts = { builder, read: readString, packed: UTF8, fallback, placeholder: text };
    return plainCodec(functionDefault === null ? parts : { ...parts, functionDefault });
  }
  switch (name) {
    case "char":
      return plainCodec({ builder: SchemaBuilder.string, read: readString, packed: UTF8, fallback: "" });
    case "int2":
      return plainCodec({
        builder: SchemaBuilder.int16,
        read: readInteger,
        packed: DIGITS,
        fallback: 0,
        functionDefault: "0",
      });
    case "int4":
      return plainCodec({
        builder: SchemaBuilder.int32,
        read: readInteger,
        packed: DIGITS,
        fallback: 0,
        functionDefault: "0",
      });
    case "int8":
      return plainCodec({
        builder: SchemaBuilder.int64,
        read: readInteger,
        packed: DIGITS,
        fallback: 0,
        functionDefault: "0",
      });
    case "oid":
      return plainCodec({ builder: SchemaBuilder.int64, read: readInteger, packed: DIGITS, fallback: 0 });
    case "float4":
      return plainCodec({ builder: SchemaBuilder.float32, read: readFloat, fallback: 0, functionDefault: "0" });
    case "float8":
      return plainCodec({ builder: SchemaBuilder.float64, read: readFloat, fallback: 0, functionDefault: "0" });
    case "bool":
      return plainCodec({ builder: SchemaBuilder.bool, read: readBoolean, fallback: false, functionDefault: "false" });
    case "bit":
    case "varbit":
      return bitsCodec(lengthLimit(name, modifier) ?? NO_LIMIT);
    case "bytea":
      return binaryCodec(settings, readBytes);
    case "numeric":
      return numericCodec(modifier, settings);
    case "money":
      return moneyCodec(settings);
    case "date":
      return dateCodec(settings.times);
    case "time":
      return timeCodec(settings.times, fractionDigits(modifier));
    case "timetz":
      return zonedTimeCodec();
    case "timestamp":
      return timestampCodec(settings.times, fractionDigits(modifier));
    case "timestamptz":
      return zonedTimestampCodec(fractionDigits(modifier));
    case "interval":
      return intervalCodec(settings.intervals);
    case "hstore":
      return hstoreCodec(settings);
    case "point":
      return pointCodec();
    case "geometry":
    case "geography":
      return geometryCodec(name);
    case "vector":
    case "halfvec":
    case "sparsevec":
      return vectorCodec(name);
    default:
      return null;
  }
}

function bitsCodec(length: number): ValueCodec {
  if (length === 1) {
    return plainCodec({ builder: SchemaBuilder.bool, read: readBit, fallback: false, functionDefault: "0" });
  }
  const builder = () =>
    SchemaBuilder.bytes().name("io.debezium.data.Bits").version(1).parameter("length", String(length));
  return plainCodec({ builder, read: readBits, fallback: new Uint8Array(0), functionDefault: "0" });
}

function numericCodec(modifier: number, { decimals, placeholder }: ValueSettings): ValueCodec {
  const size = numericSize(modifier);
  const functionDefault = "0";
  if (decimals === "double") {
    return plainCodec({ builder: SchemaBuilder.float64, read: readFloat, fallback: 0, functionDefault });
  }
  if (decimals === "string") {
    const read = size === null ? readDecimalText : scaledTextReader(size.scale);
    return plainCodec({
      builder: SchemaBuilder.string,
      read,
      fallback: "0",
      placeholder: placeholder.text,
      functionDefault,
    });
  }
  if (size === null) {
    return {
      builder: variableScaleDecimal,
      reader: variableScaleReader,
      fallback: (schema) => Struct.of(schema, [0, Uint8Array.of(0)]),
      functionDefault: null,
    };
  }
  const builder = () => Decimal.builder(size.scale).parameter("connect.decimal.precision", String(size.precision));
  const fallback = new Decimal(0, size.scale);
  const packed: PackedField = { form: "unscaled", number: unscaledReader(size.scale) };
  return plainCodec({ builder, read: decimalReader(size.scale), packed, fallback, functionDefault });
}

function moneyCodec({ decimals, moneyFractionDigits }: ValueSettings): ValueCodec {
  if (decimals === "double") {
    return plainCodec({ builder: SchemaBuilder.float64, read: (...at) => Number(moneyText(...at)), fallback: 0 });
  }
  if (decimals === "string") {
    const fallback = new Decimal(0, moneyFractionDigits).toPlainString();
    return plainCodec({ builder: SchemaBuilder.string, read: moneyTextReader(moneyFractionDigits), fallback });
  }
  return plainCodec({
    builder: () => Decimal.builder(moneyFractionDigits),
    read: moneyReader(moneyFractionDigits),
    fallback: new Decimal(0, moneyFractionDigits),
  });
}

function hstoreCodec({ hstores, placeholder: { text } }: ValueSettings): ValueCodec {
  if (hstores === "map") {
    return plainCodec({
      builder: () => SchemaBuilder.map(SchemaBuilder.string().build(), SchemaBuilder.string().optional().build()),
      read: (...at) => new Map(hstoreEntries(readString(...at))),
      fallback: new Map(),
      placeholder: new Map([[text, text]]),
    });
  }
  return plainCodec({
    builder: () => SchemaBuilder.string().name("io.debezium.data.Json").version(1),
    read: (...at) => hstoreJson(readString(...at)),
    fallback: "{}",
    placeholder: `{${JSON.stringify(text)}:${JSON.stringify(text)}}`,
  });
}

function pointCodec(): ValueCodec {
  const builder = () =>
    SchemaBuilder.struct()
      .name("io.debezium.data.geometry.Point")
      .version(1)
      .doc("Geometry (POINT)")
      .field("x", SchemaBuilder.float64().build())
      .field("y", SchemaBuilder.float64().build())
      .field("wkb", SchemaBuilder.bytes().optional().build())
      .field("srid", SchemaBuilder.int32().optional().build());
  const point = (schema: Schema, x: number, y: number) => Struct.of(schema, [x, y, pointWkb(x, y), null]);
  return {
    builder,
    reader: (schema) => (row, from, to) => {
      const [x, y] = pointNumbers(row.latin1.substring(from, to));
      return point(schema, x, y);
    },
    fallback: (schema) => point(schema, 0, 0),
    functionDefault: null,
  };
}

/** PostGIS: hexadecimal EWKB. */
function geometryCodec(name: "geometry" | "geography"): ValueCodec {
  const shown = name === "geometry" ? "Geometry" : "Geography";
  const builder = () =>
    SchemaBuilder.struct()
      .name(`io.debezium.data.geometry.${shown}`)
      .version(1)
      .doc(shown)
      .field("wkb", SchemaBuilder.bytes().build())
      .field("srid", SchemaBuilder.int32().optional().build());
  return {
    builder,
    reader: (schema) => (row, from, to) => {
      const wkb = Buffer.from(row.latin1.substring(from, to), "hex");
      const little = wkb[0] === 1;
      const type = little ? wkb.readUInt32LE(1) : wkb.readUInt32BE(1);
      const srid = (type & 0x20000000) === 0 ? null : little ? wkb.readInt32LE(5) : wkb.readInt32BE(5);
      return Struct.of(schema, [wkb, srid]);
    },
    // An empty geometry collection.
    fallback: (schema) => Struct.of(schema, [Buffer.from("010700000000000000", "hex"), null]),
    functionDefault: null,
  };
}
