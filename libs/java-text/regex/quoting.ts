// Pure: `\Q…\E` written with a backslash before every character that could mean something.

const BACKSLASH = 0x5c;
const [Q, E, X, ZERO_TO_NINE] = [0x51, 0x45, 0x78, 0x33];

/**
 * The same pattern without `\Q` and `\E`. A digit that begins a quotation becomes `\x3n`: it must not go on with what
 * stands before it, as in `\1\Q2\E`. A quotation that does not end goes to the end of the pattern.
 */
export function unquoted(pattern: readonly number[]): readonly number[] {
  const start = firstQuotation(pattern);
  if (start < 0) return pattern;
  const result = pattern.slice(0, start);
  let index = start + 2;
  let quoting = true;
  let begins = true;
  while (index < pattern.length) {
    const char = pattern[index++]!;
    const following = pattern[index] ?? 0;
    if (isDigit(char)) {
      if (begins) result.push(BACKSLASH, X, ZERO_TO_NINE);
      result.push(char);
    } else if (char >= 0x80 || isLetter(char)) {
      result.push(char);
    } else if (char !== BACKSLASH) {
      if (quoting) result.push(BACKSLASH);
      result.push(char);
    } else if (quoting && following === E) {
      index += 1;
      quoting = false;
    } else if (quoting) {
      result.push(BACKSLASH, BACKSLASH);
    } else if (following === Q) {
      index += 1;
      quoting = true;
      begins = true;
      continue;
    } else {
      result.push(char);
      if (index < pattern.length) result.push(pattern[index++]!);
    }
    begins = false;
  }
  return result;
}

function firstQuotation(pattern: readonly number[]): number {
  for (let index = 0; index < pattern.length - 1; index++) {
    if (pattern[index] !== BACKSLASH) continue;
    if (pattern[index + 1] === Q) return index;
    index += 1;
  }
  return -1;
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

function isLetter(char: number): boolean {
  return (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a);
}
