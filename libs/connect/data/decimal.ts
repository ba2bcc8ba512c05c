// Pure: an exact decimal number with its scale, as Java's BigDecimal.
import { digitValue } from "@millrace/java-text";

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const INT32_MAX = 2147483647;
/** A text of at most this many digits has a safe integer as its unscaled value. */
const SAFE_DIGITS = 15;

/**
 * `unscaled / 10^scale`. The scale is part of the value: 1.0 and 1.00 differ. Decimal in logical.ts is this with its
 * schema; what schemas are built on needs the number alone.
 */
export class DecimalValue {
  readonly scale: number;
  /** The unscaled value when it is a safe integer, else NaN: lets hot paths do without bigint. */
  readonly unscaledNumber: number;
  private readonly unscaledBig: bigint | null;

  constructor(unscaled: bigint | number, scale: number) {
    const safe = typeof unscaled === "number" || (unscaled <= MAX_SAFE && unscaled >= -MAX_SAFE);
    this.unscaledNumber = safe ? Number(unscaled) : Number.NaN;
    this.unscaledBig = safe ? null : (unscaled as bigint);
    this.scale = scale;
  }

  get unscaled(): bigint {
    return this.unscaledBig ?? BigInt(this.unscaledNumber);
  }

  /** As BigDecimal.toString: plain, or with an exponent when the scale is negative or the number very small. */
  toString(): string {
    const digits = this.digits();
    const adjusted = digits.length - 1 - this.scale;
    if (this.scale >= 0 && adjusted >= -6) return this.toPlainString();
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const exponent = adjusted === 0 ? "" : `E${adjusted > 0 ? "+" : ""}${adjusted}`;
    return `${this.sign()}${digits[0]}${fraction}${exponent}`;
  }

  /** Never with an exponent. */
  toPlainString(): string {
    const digits = this.digits();
    if (this.scale === 0) return this.sign() + digits;
    if (this.scale < 0) return digits === "0" ? "0" : this.sign() + digits + "0".repeat(-this.scale);
    const padded = digits.padStart(this.scale + 1, "0");
    const point = padded.length - this.scale;
    return `${this.sign()}${padded.slice(0, point)}.${padded.slice(point)}`;
  }

  /** The nearest float64; 0 is never -0, but what is too small may be. */
  toNumber(): number {
    return Number(this.toString());
  }

  /** The nearest float32, rounded once: by way of a float64 a number just beside the middle of two is lost. */
  toFloat32(): number {
    const double = this.toNumber();
    const float = Math.fround(double);
    if (!isFloat32Tie(double)) return float;
    const side = this.compareToTie(double);
    return side === 0 ? float : Math.fround(double + side * Math.abs(double) * FLOAT32_NUDGE);
  }

  /** Towards zero, then modulo 2^64: Java's longValue. */
  toInt64(): bigint {
    const { scale } = this;
    if (scale === 0) return BigInt.asIntN(64, this.unscaled);
    if (scale < 0) {
      return scale <= -ZERO_MODULO_INT64 ? 0n : BigInt.asIntN(64, this.unscaled * 10n ** BigInt(-scale));
    }
    return scale >= this.digits().length ? 0n : BigInt.asIntN(64, this.unscaled / 10n ** BigInt(scale));
  }

  /** Is it this whole number, whatever the scale? */
  isNumber(whole: number | bigint): boolean {
    const { scale, unscaled } = this;
    const number = BigInt(whole);
    if (unscaled === 0n || number === 0n || scale === 0) return unscaled === number;
    if (scale > 0) return scale < this.digits().length && unscaled === number * 10n ** BigInt(scale);
    return -scale < String(number).length && unscaled * 10n ** BigInt(-scale) === number;
  }

  equals(other: unknown): boolean {
    return other instanceof DecimalValue && this.scale === other.scale && this.unscaled === other.unscaled;
  }

  /** The sign of this less a float64 that lies exactly between two float32. */
  private compareToTie(double: number): number {
    const up = 10n ** BigInt(Math.max(this.scale, 0));
    const down = 10n ** BigInt(Math.max(-this.scale, 0));
    const difference =
      ((this.unscaled * down) << FLOAT32_TIE_BITS) - BigInt(double * 2 ** Number(FLOAT32_TIE_BITS)) * up;
    return difference === 0n ? 0 : difference > 0n ? 1 : -1;
  }

  private sign(): string {
    return this.unscaledBig === null ? (this.unscaledNumber < 0 ? "-" : "") : this.unscaledBig < 0n ? "-" : "";
  }

  private digits(): string {
    const text = String(this.unscaledBig ?? this.unscaledNumber);
    return text[0] === "-" ? text.slice(1) : text;
  }
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
/** Powers of ten from here on are 0 modulo 2^64. */
const ZERO_MODULO_INT64 = 64;
/** The smallest middle of two float32 is 2^-150. */
const FLOAT32_TIE_BITS = 150n;
/** Much less than half of a float32's last place, much more than a float64's. */
const FLOAT32_NUDGE = 2 ** -40;
/** In the middle of the largest float32 and the next that there would be. */
const FLOAT32_OVERFLOW = 2 ** 128 - 2 ** 103;

/** Is the number exactly between two float32? Then what it was rounded from decides which one is nearer. */
function isFloat32Tie(double: number): boolean {
  const float = Math.fround(double);
  if (float === double) return false;
  if (!Number.isFinite(float)) return Math.abs(double) === FLOAT32_OVERFLOW;
  const mirrored = 2 * double - float;
  return Math.fround(mirrored) === mirrored;
}

/**
 * The float32 nearest to the number a text holds: rounded once, as by way of a float64 what lies just beside the middle
 * of two would go to the wrong one.
 * @param text that parseDecimal takes.
 * @param double the float64 nearest to it.
 */
export function nearestFloat32(text: string, double: number): number {
  if (!isFloat32Tie(double)) return Math.fround(double);
  const { unscaled, scale } = parseDecimal(text)!;
  return new DecimalValue(unscaled, scale).toFloat32();
}

/** Null unless the text is what `new BigDecimal(text)` takes. The scale is the text's own. */
export function parseDecimal(text: string): { readonly unscaled: bigint | number; readonly scale: number } | null {
  const match = DECIMAL_TEXT.exec(text) ?? DECIMAL_TEXT.exec(asciiDigits(text));
  if (match === null) return null;
  const whole = match[2] ?? "";
  const fraction = match[3] ?? "";
  const digits = whole + fraction;
  if (digits === "") return null;
  const exponent = Number(match[4] ?? 0);
  const scale = fraction.length - exponent;
  if (exponent > INT32_MAX || scale > INT32_MAX || scale < -INT32_MAX - 1) return null;
  const negative = match[1] === "-";
  if (digits.length <= SAFE_DIGITS) {
    const unscaled = Number(digits);
    return { unscaled: negative && unscaled !== 0 ? -unscaled : unscaled, scale };
  }
  return { unscaled: negative ? -BigInt(digits) : BigInt(digits), scale };
}

/** Java takes any script's digits, of those that are one UTF-16 unit. */
export function asciiDigits(text: string): string {
  return text.replace(/[\u0660-\uffff]/g, (char) => {
    const value = digitValue(char.charCodeAt(0));
    return value < 0 ? char : String(value);
  });
}
