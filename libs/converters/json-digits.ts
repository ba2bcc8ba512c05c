// Pure: the digits of JSON numbers.

export const ZERO = 0x30;
const NINE = 0x39;

/** @param none where digits end when there are none. */
export function digitsEnd(text: string, start: number, none = start): number {
  let i = start;
  while (isDigit(text.charCodeAt(i))) i++;
  return i === start ? none : i;
}

/** Where an exponent that begins at `start` ends; `start` itself if there is none. */
export function exponentEnd(text: string, start: number): number {
  if (text[start] !== "e" && text[start] !== "E") return start;
  const isSigned = text[start + 1] === "+" || text[start + 1] === "-";
  return digitsEnd(text, start + (isSigned ? 2 : 1), start);
}

/** The digits from `start` to `end` as a number; at most 15. */
export function shortInteger(text: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + text.charCodeAt(i) - ZERO;
  return value;
}

export function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** Those of the exponent too; leading zeros do not count. */
export function digitsOf(number: string): number {
  return number.replace(/^-?0*(?=[0-9])/, "").replace(/[^0-9]/g, "").length;
}
