// Pure: the default of a column, as far as it is a plain value.

import { readText, type ValueReader } from "../values/row-bytes.ts";
import type { ValueCodec } from "../values/value-codec.ts";

const FUNCTION = /^[(]?[A-Za-z0-9_.]+\((?:.+(?:, ?.+)*)?\)/;
const CURRENT = /^(current_timestamp|current_time|current_date)$/i;
const LITERAL = /'(.*?)'/s;

const NUMBER = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^-?(NaN|Infinity)$/;
const FORMS: Readonly<Record<string, RegExp>> = {
  int2: /^-?\d+$/,
  int4: /^-?\d+$/,
  int8: /^-?\d+$/,
  numeric: NUMBER,
  float4: NUMBER,
  float8: NUMBER,
  bool: /^(true|false)$/,
  bit: /^[01]+$/,
  varbit: /^[01]*$/,
  date: /^(\d+-\d\d-\d\d|-?infinity)/,
  time: /^\d\d:\d\d:\d\d/,
  timestamp: /^(\d+-\d\d-\d\d \d|-?infinity)/,
  timestamptz: /^(\d+-\d\d-\d\d \d|-?infinity)/,
};

/**
 * Undefined for none, or for an expression without a value of its own. A function call has the type's zero value; a text is
 * what stands between the first two quotes, as Debezium reads it.
 */
export function defaultValue(
  expression: string | null,
  typeName: string,
  codec: ValueCodec,
  read: ValueReader,
): unknown {
  if (expression === null || codec.functionDefault === null || expression.startsWith("NULL::")) return undefined;
  const called = FUNCTION.test(expression) || CURRENT.test(expression);
  const text = called ? codec.functionDefault : (LITERAL.exec(expression)?.[1] ?? expression);
  if (FORMS[typeName]?.test(text) === false) return undefined;
  try {
    return readText(read, typeName === "bool" ? text.slice(0, 1) : text) ?? undefined;
  } catch {
    return undefined;
  }
}
