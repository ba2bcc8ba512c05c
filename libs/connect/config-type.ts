// Pure: the types a configuration value may have, read from text and written back as Java does.
import { javaTrim } from "@millrace/java-text";
import { asciiDigits } from "./data/decimal.ts";
import { javaClassName } from "./data/java-class.ts";
import { doubleText } from "./data/number-text.ts";
import { valueText } from "./data/value-text.ts";
import { ConfigError } from "./errors.ts";
import { Password } from "./password.ts";

/** With the white space that Java's `\s` knows. */
const COMMA = /[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/;

/** Parsed values: boolean, string, number (LONG: a bigint beyond 2^53), string[] for LIST, Password. */
export type ConfigType = "BOOLEAN" | "STRING" | "INT" | "SHORT" | "LONG" | "DOUBLE" | "LIST" | "CLASS" | "PASSWORD";

/** ConfigException's own wording. */
export function invalidValue(name: string, value: unknown, reason: string): ConfigError {
  return new ConfigError(`Invalid value ${valueText(value)} for configuration ${name}: ${reason}`, {
    code: "CONFIG_INVALID",
  });
}

/**
 * Gives boolean, string (STRING, CLASS), number (INT, SHORT, DOUBLE, LONG when safe), bigint (LONG beyond that),
 * string[] or Password; null for null. Values of these kinds pass through. Text is trimmed.
 * @throws ConfigError when the value is not of the type.
 */
export function parseConfigType(name: string, value: unknown, type: ConfigType): unknown {
  if (value === null || value === undefined) return null;
  const trimmed = typeof value === "string" ? javaTrim(value) : null;
  switch (type) {
    case "BOOLEAN":
      return parseBoolean(name, value, trimmed);
    case "STRING":
      if (trimmed !== null) return trimmed;
      throw unexpected(name, value, "string");
    case "PASSWORD":
      if (value instanceof Password) return value;
      if (trimmed !== null) return new Password(trimmed);
      throw unexpected(name, value, "string");
    case "INT":
      return parseInteger(name, value, trimmed, type, 32);
    case "SHORT":
      return parseInteger(name, value, trimmed, type, 16);
    case "LONG":
      return parseInteger(name, value, trimmed, type, 64);
    case "DOUBLE":
      return parseDouble(name, value, trimmed);
    case "LIST":
      if (Array.isArray(value)) return value;
      if (trimmed !== null) return trimmed === "" ? [] : trimmed.split(COMMA);
      throw invalidValue(name, value, "Expected a comma separated list.");
    case "CLASS":
      if (trimmed !== null) return trimmed;
      throw invalidValue(name, value, "Expected a Class instance or class name.");
  }
}

/** The text form used for defaults and values in answers; a Password gives `[hidden]`. */
export function configText(value: unknown, type: ConfigType): string | null {
  if (value === null || value === undefined) return null;
  if (type === "LIST") return (value as unknown[]).map((element) => valueText(element)).join(",");
  if (type === "DOUBLE" && typeof value === "number") return doubleText(value);
  return String(value);
}

const INTEGER_NAMES = { 16: "16-bit integer (short)", 32: "32-bit integer", 64: "64-bit integer (long)" } as const;

function unexpected(name: string, value: unknown, expected: string): ConfigError {
  return invalidValue(name, value, `Expected value to be a ${expected}, but it was a ${javaClassName(value)}`);
}

function parseBoolean(name: string, value: unknown, trimmed: string | null): boolean {
  if (typeof value === "boolean") return value;
  const lower = trimmed?.toLowerCase();
  if (lower === "true") return true;
  if (lower === "false") return false;
  throw invalidValue(name, value, "Expected value to be either true or false");
}

function parseInteger(
  name: string,
  value: unknown,
  trimmed: string | null,
  type: ConfigType,
  bits: keyof typeof INTEGER_NAMES,
): number | bigint {
  const digits = trimmed === null ? null : asciiDigits(trimmed);
  const integral = typeof value === "bigint" || Number.isSafeInteger(value);
  if (digits === null && !integral) throw unexpected(name, value, INTEGER_NAMES[bits]);
  if (digits !== null && !/^[+-]?[0-9]+$/.test(digits)) throw invalidValue(name, value, `Not a number of type ${type}`);
  const parsed = BigInt(digits === null ? (value as number | bigint) : digits.replace(/^\+/, ""));
  if (BigInt.asIntN(bits, parsed) !== parsed) {
    throw digits === null
      ? unexpected(name, value, INTEGER_NAMES[bits])
      : invalidValue(name, value, `Not a number of type ${type}`);
  }
  const number = Number(parsed);
  return Number.isSafeInteger(number) ? number : parsed;
}

function parseDouble(name: string, value: unknown, trimmed: string | null): number {
  if (typeof value === "number") return value;
  if (trimmed !== null && /^[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)$/.test(trimmed)) {
    return Number(trimmed.replace(/(?<=[\d.])[fFdD]$/, ""));
  }
  throw trimmed === null ? unexpected(name, value, "double") : invalidValue(name, value, "Not a number of type DOUBLE");
}
