// Pure: a SimpleDateFormat pattern, taken apart.
import { DatePatternError } from "../text-errors.ts";

/** Text, or a letter with how often it stands there. */
export type PatternPart = string | PatternField;

export interface PatternField {
  readonly letter: string;
  readonly count: number;
}

const LETTERS = "GyMdkHmsSEDFwWahKzZYuXL";

/**
 * Apostrophes quote; two are one, quoted or not.
 * @throws DatePatternError for a letter that means nothing, or a quotation that does not end.
 */
export function parseDatePattern(pattern: string): PatternPart[] {
  const parts: PatternPart[] = [];
  let quoting = false;
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    if (char === "'" && pattern[at + 1] === "'") {
      parts.push("'");
      at += 2;
    } else if (char === "'") {
      quoting = !quoting;
      at += 1;
    } else if (quoting || !/[a-zA-Z]/.test(char)) {
      parts.push(char);
      at += 1;
    } else {
      const field = fieldAt(pattern, at);
      checkField(field, pattern[at + field.count]);
      parts.push(field);
      at += field.count;
    }
  }
  if (quoting) throw new DatePatternError("Unterminated quote");
  return joinTexts(parts);
}

function fieldAt(pattern: string, at: number): PatternField {
  const letter = pattern[at]!;
  let end = at + 1;
  while (pattern[end] === letter) end += 1;
  return { letter, count: end - at };
}

/** A letter that follows directly is looked at before the field's length is. */
function checkField({ letter, count }: PatternField, following: string | undefined): void {
  refuseUnknown(letter);
  if (letter !== "X" || count <= 3) return;
  if (following !== undefined && /[a-zA-Z]/.test(following)) refuseUnknown(following);
  throw new DatePatternError(`invalid ISO 8601 format: length=${count}`);
}

function refuseUnknown(letter: string): void {
  if (!LETTERS.includes(letter)) throw new DatePatternError(`Illegal pattern character '${letter}'`);
}

function joinTexts(parts: readonly PatternPart[]): PatternPart[] {
  const joined: PatternPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}
