// Pure: text to the fields of a calendar, by a pattern taken apart.
import { type CalendarFields, Field, toCalendarWeekday } from "./calendar-fields.ts";
import { ERAS, HALF_DAYS, MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS } from "./date-names.ts";
import { digitAt, readInteger } from "./date-number.ts";
import type { PatternField, PatternPart } from "./date-pattern.ts";
import { readIsoZone, readZone } from "./date-zone-reader.ts";
import { startsIgnoringCase, type TimeZone } from "./time-zone.ts";

/** What reading a text has found out so far. */
export interface Reading {
  readonly fields: CalendarFields;
  /** A zone's name in the text changes it. */
  zone: TimeZone;
  /** A two digit year is the one the century begins with: it may be 100 years later. */
  ambiguousYear: boolean;
}

/** Where the field ends, or -1 when the text does not fit. */
type Reader = (text: string, at: number, reading: Reading) => number;

export class DateReader {
  readonly #readers: readonly Reader[];

  /** @param centuryStart the first of the hundred years that two digits may mean. */
  constructor(parts: readonly PatternPart[], centuryStart: number) {
    this.#readers = parts.map((part, i) => {
      if (typeof part === "string") return textReader(part);
      return fieldReader(part, isNumeric(parts[i + 1]), centuryStart);
    });
  }

  /** False when the text does not fit. It may go on after what the pattern takes, which has to be something. */
  read(text: string, reading: Reading): boolean {
    let at = 0;
    for (const reader of this.#readers) {
      at = reader(text, at, reading);
      if (at < 0) return false;
    }
    return at > 0;
  }
}

/** What is read as a number, and so ends the number before it after as many digits as that has letters. */
function isNumeric(part: PatternPart | undefined): boolean {
  if (part === undefined || typeof part === "string") return false;
  if (part.letter === "M" || part.letter === "L") return part.count <= 2;
  return !"GEazZX".includes(part.letter);
}

function textReader(wanted: string): Reader {
  return (text, at) => (text.startsWith(wanted, at) ? at + wanted.length : -1);
}

function fieldReader({ letter, count }: PatternField, exactCount: boolean, centuryStart: number): Reader {
  const digits = exactCount ? count : null;
  const plain = PLAIN_FIELDS[letter];
  if (plain !== undefined) return skippingBlanks(numberReader(plain, digits));
  switch (letter) {
    case "y":
      return skippingBlanks(yearReader(Field.YEAR, count, digits, centuryStart));
    case "Y":
      return skippingBlanks(yearReader(Field.WEEK_YEAR, count, digits, centuryStart));
    case "M":
    case "L":
      if (count > 2) return skippingBlanks(nameReader(Field.MONTH, 0, MONTHS, SHORT_MONTHS));
      return skippingBlanks(numberReader(Field.MONTH, digits, (value) => (value - 1) | 0));
    case "k":
      return skippingBlanks(numberReader(Field.HOUR_OF_DAY, digits, (value) => (value === 24 ? 0 : value)));
    case "h":
      return skippingBlanks(numberReader(Field.HOUR, digits, (value) => (value === 12 ? 0 : value)));
    case "u":
      return skippingBlanks(numberReader(Field.DAY_OF_WEEK, digits, toCalendarWeekday));
    case "G":
      return skippingBlanks(nameReader(Field.ERA, 0, LONG_ERAS, ERAS));
    case "E":
      return skippingBlanks(nameReader(Field.DAY_OF_WEEK, 1, WEEKDAYS, SHORT_WEEKDAYS));
    case "a":
      return skippingBlanks(nameReader(Field.AM_PM, 0, HALF_DAYS, HALF_DAYS));
    case "X":
      return skippingBlanks((text, _, reading, at) => readIsoZone(text, at, count, reading));
    default:
      return skippingBlanks((text, start, reading, at) => readZone(text, start, at, reading));
  }
}

const LONG_ERAS = ["Before Christ", "Anno Domini"];

const PLAIN_FIELDS: Readonly<Record<string, number>> = {
  d: Field.DAY_OF_MONTH,
  H: Field.HOUR_OF_DAY,
  m: Field.MINUTE,
  s: Field.SECOND,
  S: Field.MILLISECOND,
  D: Field.DAY_OF_YEAR,
  F: Field.DAY_OF_WEEK_IN_MONTH,
  w: Field.WEEK_OF_YEAR,
  W: Field.WEEK_OF_MONTH,
  K: Field.HOUR,
};

/** @param start before the blanks, `at` after them. */
type FieldReader = (text: string, start: number, reading: Reading, at: number) => number;

/** Blanks before a field do not count; names do not match after them. */
function skippingBlanks(read: FieldReader): Reader {
  return (text, start, reading) => {
    let at = start;
    for (let unit = text.charCodeAt(at); unit === 0x20 || unit === 0x09; unit = text.charCodeAt(at)) at += 1;
    return at >= text.length ? -1 : read(text, start, reading, at);
  };
}

/** @param digits the blanks before it included; null for as many as there are. */
function numberReader(field: number, digits: number | null, meant?: (value: number) => number): FieldReader {
  return (text, start, { fields }, at) => {
    const limit = digits === null ? text.length : start + digits;
    const number = limit > text.length ? null : readInteger(text, at, limit);
    if (number === null) return -1;
    fields.set(field, meant === undefined ? number.value : meant(number.value));
    return number.end;
  };
}

/** One or two letters and exactly two digits: a year within the century. */
function yearReader(field: number, count: number, digits: number | null, centuryStart: number): FieldReader {
  const firstTwo = centuryStart % 100;
  return (text, start, reading, at) => {
    const limit = digits === null ? text.length : start + digits;
    const number = limit > text.length ? null : readInteger(text, at, limit);
    if (number === null) return -1;
    let year = number.value;
    if (count <= 2 && number.end - at === 2 && digitAt(text, at, limit) >= 0 && digitAt(text, at + 1, limit) >= 0) {
      reading.ambiguousYear = year === firstTwo;
      year += centuryStart - firstTwo + (year < firstTwo ? 100 : 0);
    }
    reading.fields.set(field, year);
    return number.end;
  };
}

/** The longest name that fits, in any case. @param first the value of the first one. */
function nameReader(field: number, first: number, long: readonly string[], short: readonly string[]): FieldReader {
  return (text, start, { fields }) => {
    for (const names of [long, short]) {
      const index = names.findIndex((name) => startsIgnoringCase(text, start, name));
      if (index < 0) continue;
      fields.set(field, index + first);
      return start + names[index]!.length;
    }
    return -1;
  };
}
