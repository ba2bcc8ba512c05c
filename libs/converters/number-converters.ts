import {
  BoxedNumber,
  ConfigDef,
  type Converter,
  compactInt64,
  DataError,
  isInstance,
  javaClassName,
  Schema,
  type SchemaAndValue,
  SerializationError,
} from "@millrace/connect";
import { defineConverterType } from "./converter-type.ts";

export const NUMBER_CONVERTER_CONFIG = defineConverterType(new ConfigDef());

/** How one kind of number lies in bytes, big-endian. */
interface NumberFormat {
  /** As messages call it. */
  readonly name: string;
  readonly schema: Schema;
  /** The only one that is written. */
  readonly javaClass: string;
  readonly size: number;
  write(bytes: Buffer, value: number | bigint): void;
  read(bytes: Buffer): number | bigint;
}

const SHORT: NumberFormat = {
  name: "short",
  schema: Schema.OPTIONAL_INT16,
  javaClass: "java.lang.Short",
  size: 2,
  write: (bytes, value) => bytes.writeInt16BE(Number(value)),
  read: (bytes) => bytes.readInt16BE(),
};
const INTEGER: NumberFormat = {
  name: "integer",
  schema: Schema.OPTIONAL_INT32,
  javaClass: "java.lang.Integer",
  size: 4,
  write: (bytes, value) => bytes.writeInt32BE(Number(value)),
  read: (bytes) => bytes.readInt32BE(),
};
const LONG: NumberFormat = {
  name: "long",
  schema: Schema.OPTIONAL_INT64,
  javaClass: "java.lang.Long",
  size: 8,
  write: (bytes, value) => bytes.writeBigInt64BE(BigInt(value)),
  read: (bytes) => compactInt64(bytes.readBigInt64BE()),
};
const FLOAT: NumberFormat = {
  name: "float",
  schema: Schema.OPTIONAL_FLOAT32,
  javaClass: "java.lang.Float",
  size: 4,
  write: (bytes, value) => bytes.writeFloatBE(Number(value)),
  read: (bytes) => bytes.readFloatBE(),
};
const DOUBLE: NumberFormat = {
  name: "double",
  schema: Schema.OPTIONAL_FLOAT64,
  javaClass: "java.lang.Double",
  size: 8,
  write: (bytes, value) => bytes.writeDoubleBE(Number(value)),
  read: (bytes) => bytes.readDoubleBE(),
};

/** Java's `NumberConverter` and its kind. Of the schema given when writing, only what it makes of a number matters. */
class NumberConverter implements Converter {
  readonly #format: NumberFormat;

  constructor(format: NumberFormat) {
    this.#format = format;
  }

  configure(): void {}

  fromConnectData(_topic: string, given: Schema | null, value: unknown): Uint8Array | null {
    if (value === null || value === undefined) return null;
    const { name, schema, javaClass, size, write } = this.#format;
    const actual = given?.type === schema.type ? null : javaClassName(value, given);
    if ((actual !== null && actual !== javaClass) || !isInstance(schema, value)) {
      throw new DataError(`Failed to serialize to ${name} (was class ${javaClassName(value, given)}): `);
    }
    const bytes = Buffer.allocUnsafe(size);
    write(bytes, value instanceof BoxedNumber ? value.value : (value as number | bigint));
    return bytes;
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    const { name, schema, size, read } = this.#format;
    if (bytes === null) return { schema, value: null };
    if (bytes.length !== size) {
      const cause = new SerializationError(`Expected ${size} bytes, found ${bytes.length}`);
      throw new DataError(`Failed to deserialize ${name}: `, { cause });
    }
    return { schema, value: read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
  }
}

export const createShortConverter = (): NumberConverter => new NumberConverter(SHORT);
export const createIntegerConverter = (): NumberConverter => new NumberConverter(INTEGER);
export const createLongConverter = (): NumberConverter => new NumberConverter(LONG);
export const createFloatConverter = (): NumberConverter => new NumberConverter(FLOAT);
export const createDoubleConverter = (): NumberConverter => new NumberConverter(DOUBLE);
