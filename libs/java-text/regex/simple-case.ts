// Pure: upper and lower case of one code point, as Java's Character has them: always one code point for one.

export function toUpper(codePoint: number): number {
  if (codePoint < 0x80) return codePoint >= 0x61 && codePoint <= 0x7a ? codePoint - 0x20 : codePoint;
  const text = String.fromCodePoint(codePoint);
  const upper = text.toUpperCase();
  if (upper === text) return codePoint;
  return onlyCodePoint(upper) ?? greekTitleCase(codePoint);
}

export function toLower(codePoint: number): number {
  if (codePoint < 0x80) return codePoint >= 0x41 && codePoint <= 0x5a ? codePoint + 0x20 : codePoint;
  const text = String.fromCodePoint(codePoint);
  const lower = text.toLowerCase();
  if (lower === text) return codePoint;
  // Only U+0130, I with a dot, has two code points for lower case; Java takes the first.
  return lower.codePointAt(0)!;
}

/** Two code points with the same answer are the same letter to `(?iu)`. */
export function foldCase(codePoint: number): number {
  return toLower(toUpper(codePoint));
}

function onlyCodePoint(text: string): number | null {
  const first = text.codePointAt(0)!;
  return text.length === (first > 0xffff ? 2 : 1) ? first : null;
}

/** Greek letters with iota subscript become a title case letter; ß and its like have no single upper case. */
function greekTitleCase(codePoint: number): number {
  if (codePoint >= 0x1f80 && codePoint <= 0x1faf) return codePoint | 8;
  if (codePoint === 0x1fb3 || codePoint === 0x1fc3 || codePoint === 0x1ff3) return codePoint + 9;
  return codePoint;
}
