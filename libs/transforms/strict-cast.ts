// Pure: casts that refuse to change a number, where Connect's own wrap it around, cut it off or lose its size.

import { DataError, type Decimal, doubleText, floatText, STRICT_NUMBERS_KEY } from "@millrace/connect";
import { javaTrim } from "@millrace/java-text";
import { CAST_RULES, type CastRules } from "./cast-rules.ts";
import type { CastTarget } from "./cast-spec.ts";

/** Is the result still the number it was made of? */
interface Kept {
  integer(value: number | bigint, result: unknown): boolean;
  float(value: number, result: unknown): boolean;
  decimal(value: Decimal, result: unknown): boolean;
  text(value: string, result: unknown): boolean;
}

/** A digit other than zero before any exponent. */
const NOT_ZERO = /^[+-]?(?:0[xX][0.]*[1-9a-fA-F]|[0.]*[1-9])/;

const KEPT_INTEGER: Kept = {
  integer: isSame,
  float: isSame,
  decimal: (value, result) => value.isNumber(result as number | bigint),
  text: () => true,
};

/** A fraction may be rounded to the nearest float; it may not become infinite or zero. */
const KEPT_FLOAT: Kept = {
  integer: isSame,
  float: (value, result) => Number.isFinite(value) === Number.isFinite(result) && (value === 0) === (result === 0),
  decimal: (value, result) => Number.isFinite(result) && (value.unscaled === 0n) === (result === 0),
  text(value, result) {
    if (result === 0) return !NOT_ZERO.test(javaTrim(value));
    return Number.isFinite(result) || Number.isNaN(result) || value.includes("Infinity");
  },
};

const KEPT_TRUTH: Kept = {
  integer: () => true,
  float: (value, result) => (value !== 0) === result,
  decimal: (value, result) => (value.unscaled !== 0n) === result,
  text: () => true,
};

const KEPT: Readonly<Record<Exclude<CastTarget, "STRING">, Kept>> = {
  INT8: KEPT_INTEGER,
  INT16: KEPT_INTEGER,
  INT32: KEPT_INTEGER,
  INT64: KEPT_INTEGER,
  FLOAT32: KEPT_FLOAT,
  FLOAT64: KEPT_FLOAT,
  BOOLEAN: KEPT_TRUTH,
};

/**
 * @param place what is cast, for messages: `field "id"`, `the key`.
 * @returns rules that throw a DataError where a whole number would come out as another one, a fraction would be dropped,
 *   or a number would become infinite, zero or false.
 */
export function strictRules(target: CastTarget, place: string): CastRules {
  const rules = CAST_RULES[target];
  if (target === "STRING") return rules;
  const kept = KEPT[target];
  const result = (isKept: boolean, text: string, value: unknown): unknown => {
    if (isKept) return value;
    throw new DataError(
      `Casting ${place} to ${target} would change ${text} to ${value}. ` +
        `Cast to a type that holds it, or set ${STRICT_NUMBERS_KEY.name} to false to have it changed as Kafka Connect does.`,
    );
  };
  const strict = <T>(
    cast: (value: T) => unknown,
    test: (value: T, cast: unknown) => boolean,
    show: (value: T) => string,
  ) => {
    return (value: T): unknown => {
      const changed = cast(value);
      return result(test(value, changed), show(value), changed);
    };
  };
  return {
    integer: strict(rules.integer, kept.integer, String),
    float32: strict(rules.float32, kept.float, floatText),
    float64: strict(rules.float64, kept.float, doubleText),
    decimal: strict(rules.decimal, kept.decimal, String),
    boolean: rules.boolean,
    text: strict(rules.text, kept.text, (text) => `"${text}"`),
    other: rules.other,
  };
}

function isSame(value: number | bigint, result: unknown): boolean {
  const number = result as number | bigint;
  return value >= number && value <= number;
}
