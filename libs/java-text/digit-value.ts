// Pure: Java's Character.digit, of one UTF-16 unit.

const ZERO = 0x30;
/** The first digit beyond ASCII is U+0660. */
const OTHER_DIGITS = 0x660;
const DIGIT = /^\p{Nd}$/u;

/** 0 to 9 for a digit of any script, else -1. NaN, which is no unit, gives -1 too. */
export function digitValue(unit: number): number {
  if (!(unit >= OTHER_DIGITS)) return unit >= ZERO && unit < ZERO + 10 ? unit - ZERO : -1;
  if (!isDigit(unit)) return -1;
  // Digits of a script stand in a row of ten.
  let value = 0;
  while (value < 9 && isDigit(unit - value - 1)) value++;
  return value;
}

function isDigit(unit: number): boolean {
  return DIGIT.test(String.fromCharCode(unit));
}
