// Pure: whole numbers as java.text.DecimalFormat reads them.
import { digitValue } from "../digit-value.ts";

interface ReadNumber {
  /** An int: what is larger wraps around, or stops at the greatest int where it is beyond a long. */
  readonly value: number;
  readonly end: number;
}

const INT_MAX = 0x7fffffff;

/**
 * A minus sign, digits of any script, an exponent: "1E2" is 100. What follows the number is not looked at. Null where no
 * number begins at `from`.
 * @param end no character from here on is read.
 */
export function readInteger(text: string, from: number, end: number): ReadNumber | null {
  let at = from;
  let value = 0;
  for (let unit = text.charCodeAt(at); at < end && unit >= 0x30 && unit <= 0x39; unit = text.charCodeAt(at)) {
    value = value * 10 + unit - 0x30;
    at += 1;
  }
  const isPlain = at > from && at - from < 10 && (at >= end || isNoNumberPart(text.charCodeAt(at)));
  return isPlain ? { value: value | 0, end: at } : readAnyInteger(text, from, end);
}

/** Neither a digit nor an exponent. */
function isNoNumberPart(unit: number): boolean {
  return unit < 0x80 && unit !== 0x45;
}

function readAnyInteger(text: string, from: number, end: number): ReadNumber | null {
  if (text.startsWith("NaN", from) && from + 3 <= end) return { value: 0, end: from + 3 };
  const negative = text[from] === "-" && from < end;
  const start = negative ? from + 1 : from;
  if (text[start] === "∞" && start < end) return { value: negative ? ~INT_MAX : INT_MAX, end: start + 1 };
  let at = start;
  let small = 0;
  for (let digit = digitAt(text, at, end); digit >= 0; digit = digitAt(text, at, end)) {
    small = small * 10 + digit;
    at += 1;
  }
  if (at === start) return null;
  const exponent = text[at] === "E" ? readInteger(text, at + 1, end) : null;
  if (exponent === null && at - start < 16) return { value: (negative ? -small : small) | 0, end: at };
  const digits = Array.from({ length: at - start }, (_, i) => digitAt(text, start + i, end)).join("");
  return { value: intOf(negative, digits, exponent?.value ?? 0), end: exponent?.end ?? at };
}

/** The digit at `at`, or -1. */
export function digitAt(text: string, at: number, end: number): number {
  return at >= end ? -1 : digitValue(text.charCodeAt(at));
}

function intOf(negative: boolean, digits: string, exponent: number): number {
  const sign = negative ? "-" : "";
  if (exponent >= 0 && digits.length + exponent < 40) {
    const exact = BigInt(`${sign}${digits}${"0".repeat(exponent)}`);
    if (BigInt.asIntN(64, exact) === exact) return Number(BigInt.asIntN(32, exact));
  }
  const double = Number(`${sign}${digits}e${exponent}`);
  return Math.trunc(Math.max(~INT_MAX, Math.min(INT_MAX, double)));
}
