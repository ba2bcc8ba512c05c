// Pure: the text of floating point numbers as Java's Double.toString and Float.toString give it (up to JDK 18).
import { type DecimalDigits, doubleDigits, floatDigits } from "./java-digits.ts";

/** A point and at most 15 digits: where Java shows numbers plainly, it shows the same. See shortDigits. */
const SHORT_TEXT = 16;

/** `1.0`, `0.001`, `1.0E7`, `NaN`, `-Infinity`. */
export function doubleText(value: number): string {
  if (Number.isSafeInteger(value) && value < 1e7 && value > -1e7) return Object.is(value, -0) ? "-0.0" : `${value}.0`;
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = String(value);
    if (text.length <= SHORT_TEXT) return text;
  }
  return layOut(value < 0, shortDigits(magnitude, 15, magnitude) ?? doubleDigits(magnitude));
}

/** The value is taken to float32 first. */
export function floatText(value: number): string {
  const float = Math.fround(value);
  if (Number.isInteger(float) && float < 1e6 && float > -1e6) return doubleText(float);
  if (!Number.isFinite(float)) return String(float);
  const magnitude = Math.abs(float);
  const short = Number(magnitude.toPrecision(6));
  const digits = Math.fround(short) === magnitude ? shortDigits(short, 6, magnitude) : null;
  return layOut(value < 0, digits ?? floatDigits(magnitude));
}

/**
 * JavaScript's shortest digits, where Java's are known to be the same: few enough digits that only one decimal of that
 * length rounds to the number, at a size where none lies exactly between two numbers.
 */
function shortDigits(shortest: number, digitsMax: number, magnitude: number): DecimalDigits | null {
  if (magnitude < 1e-30 || magnitude >= 10 ** digitsMax) return null;
  const text = shortest.toExponential();
  const e = text.indexOf("e");
  const digits = text[0] + text.slice(2, e);
  return digits.length > digitsMax ? null : { digits, exponent: Number(text.slice(e + 1)) };
}

/** Java shows 10^-3 to 10^7 plainly and anything else with an exponent, always with a digit after the point. */
function layOut(negative: boolean, { digits, exponent }: DecimalDigits): string {
  const sign = negative ? "-" : "";
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || "0"}E${exponent}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}
