// Pure: an exact decimal number with its scale, as Java's BigDecimal.

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
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

  toNumber(): number {
    return Number(this.toString());
  }

  equals(other: unknown): boolean {
    return other instanceof DecimalValue && this.scale === other.scale && this.unscaled === other.unscaled;
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

/** Null unless the text is what `new BigDecimal(text)` takes. The scale is the text's own. */
export function parseDecimal(text: string): { readonly unscaled: bigint | number; readonly scale: number } | null {
  const match = DECIMAL_TEXT.exec(text);
  if (match === null) return null;
  const whole = match[2] ?? "";
  const fraction = match[3] ?? "";
  const digits = whole + fraction;
  if (digits === "") return null;
  const scale = fraction.length - Number(match[4] ?? 0);
  if (scale > 2147483647 || scale < -2147483648) return null;
  const negative = match[1] === "-";
  if (digits.length <= SAFE_DIGITS) {
    const unscaled = Number(digits);
    return { unscaled: negative && unscaled !== 0 ? -unscaled : unscaled, scale };
  }
  return { unscaled: negative ? -BigInt(digits) : BigInt(digits), scale };
}
