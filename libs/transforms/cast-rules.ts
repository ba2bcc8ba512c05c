// Pure: what Cast makes of each kind of value, one set of rules for each target type.
import {
  compactInt64,
  DataError,
  type Decimal,
  doubleText,
  doubleToInt64,
  floatText,
  javaClassName,
  Values,
  valueText,
} from "@millrace/connect";
import type { CastTarget } from "./cast-spec.ts";
import { floatToInteger, integerToFloat32, wrapInteger } from "./narrow-number.ts";
import { parseFloat32, parseFloat64 } from "./parse-float.ts";
import { parseInteger } from "./parse-integer.ts";

/** Results are as under a schema of the target type: numbers are never boxed. */
export interface CastRules {
  integer(value: number | bigint): unknown;
  float32(value: number): unknown;
  float64(value: number): unknown;
  decimal(value: Decimal): unknown;
  boolean(value: boolean): unknown;
  /** @throws DataError for text that is no such number. */
  text(value: string): unknown;
  /** @throws DataError for what this target cannot be made of. */
  other(value: unknown): unknown;
}

export const CAST_RULES: Readonly<Record<CastTarget, CastRules>> = {
  INT8: integers(8),
  INT16: integers(16),
  INT32: integers(32),
  INT64: {
    integer: (value) => (typeof value === "number" ? value : compactInt64(value)),
    float32: doubleToInt64,
    float64: doubleToInt64,
    decimal: (value) => compactInt64(value.toInt64()),
    boolean: Number,
    text: (value) => parseInteger(value, 64) ?? outOfRange(value),
    other: unexpected,
  },
  FLOAT32: {
    integer: integerToFloat32,
    float32: (value) => value,
    float64: Math.fround,
    decimal: (value) => value.toFloat32(),
    boolean: Number,
    text: (value) => parseFloat32(value) ?? outOfRange(value),
    other: unexpected,
  },
  FLOAT64: {
    integer: Number,
    float32: (value) => value,
    float64: (value) => value,
    decimal: (value) => value.toNumber(),
    boolean: Number,
    text: (value) => parseFloat64(value) ?? outOfRange(value),
    other: unexpected,
  },
  BOOLEAN: {
    integer: Boolean,
    float32: (value) => Math.abs(value) >= 1,
    float64: (value) => Math.abs(value) >= 1,
    decimal: (value) => value.toInt64() !== 0n,
    boolean: (value) => value,
    text: (value) => value.length === 4 && value.toLowerCase() === "true",
    other: unexpected,
  },
  STRING: {
    integer: String,
    float32: floatText,
    float64: doubleText,
    decimal: String,
    boolean: String,
    text: (value) => value,
    other: (value) =>
      value instanceof Date || value instanceof Uint8Array ? Values.convertToString(null, value) : valueText(value),
  },
};

function integers(bits: 8 | 16 | 32): CastRules {
  return {
    integer: (value) => wrapInteger(value, bits),
    float32: (value) => floatToInteger(value, bits),
    float64: (value) => floatToInteger(value, bits),
    decimal: (value) => Number(BigInt.asIntN(bits, value.toInt64())),
    boolean: Number,
    text: (value) => parseInteger(value, bits) ?? outOfRange(value),
    other: unexpected,
  };
}

function outOfRange(text: string): never {
  throw new DataError(`Value (${text}) was out of range for requested data type`);
}

function unexpected(value: unknown): never {
  throw new DataError(`Unexpected type in Cast transformation: class ${javaClassName(value)}`);
}
