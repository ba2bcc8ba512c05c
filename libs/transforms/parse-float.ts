// Pure: floating point numbers from text, with the answers of Java's Double.parseDouble and Float.parseFloat.
import { nearestFloat32 } from "@millrace/connect";
import { javaTrim } from "@millrace/java-text";

const NAMED = /^[+-]?(?:NaN|Infinity)$/;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?=[fFdD]?$)/;
const HEX = /^([+-]?)0[xX](?:([0-9a-fA-F]+)\.?|([0-9a-fA-F]*)\.([0-9a-fA-F]+))[pP]([+-]?\d+)[fFdD]?$/;

interface BinaryFormat {
  readonly precision: number;
  /** Of the smallest number above zero, and of the largest power of two there is, both as powers of two. */
  readonly exponentMin: number;
  readonly exponentMax: number;
}

const FLOAT32: BinaryFormat = { precision: 24, exponentMin: -149, exponentMax: 127 };
const FLOAT64: BinaryFormat = { precision: 53, exponentMin: -1074, exponentMax: 1023 };

/** Null when the text is no number: NaN is one. */
export function parseFloat64(text: string): number | null {
  return parse(text, Number, FLOAT64);
}

/** Rounded once. Null when the text is no number. */
export function parseFloat32(text: string): number | null {
  return parse(text, (digits) => nearestFloat32(digits, Number(digits)), FLOAT32);
}

function parse(text: string, decimal: (digits: string) => number, format: BinaryFormat): number | null {
  const trimmed = javaTrim(text);
  const digits = DECIMAL.exec(trimmed);
  if (digits !== null) return decimal(digits[0]);
  if (NAMED.test(trimmed)) return trimmed.endsWith("N") ? Number.NaN : Number(trimmed);
  const hex = HEX.exec(trimmed);
  if (hex === null) return null;
  const fraction = hex[4] ?? "";
  const mantissa = BigInt(`0x${hex[2] ?? hex[3]}${fraction}`);
  const magnitude = nearestBinary(mantissa, Number(hex[5]) - 4 * fraction.length, format);
  return hex[1] === "-" ? -magnitude : magnitude;
}

/** `mantissa x 2^exponent`, to the nearest number of the format, ties to even. */
function nearestBinary(mantissa: bigint, exponent: number, format: BinaryFormat): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = exponent + bits - 1;
  if (top > format.exponentMax) return Number.POSITIVE_INFINITY;
  if (top < format.exponentMin - 1) return 0;
  const unit = Math.max(top - format.precision + 1, format.exponentMin);
  const shift = unit - exponent;
  if (shift <= 0) return Number(mantissa) * 2 ** exponent;
  const kept = mantissa >> BigInt(shift);
  const dropped = mantissa - (kept << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  const up = dropped > half || (dropped === half && (kept & 1n) === 1n);
  const rounded = Number(up ? kept + 1n : kept) * 2 ** unit;
  return rounded < 2 ** (format.exponentMax + 1) ? rounded : Number.POSITIVE_INFINITY;
}
