// Pure: dates and times as text as Connect's Values read and write them, in UTC.
import { SimpleDateFormat } from "@millrace/java-text";
import { DataError } from "../errors.ts";

const DATE_PATTERN = "yyyy-MM-dd";
const TIME_PATTERN = "HH:mm:ss.SSS'Z'";
const TIMESTAMP_PATTERN = `${DATE_PATTERN}'T'${TIME_PATTERN}`;
const DAY_MS = 86_400_000;
/** The last instant of a Date, in the year 275760. */
const DATE_MS_MAX = 8.64e15;
const DATE = new SimpleDateFormat(DATE_PATTERN, { nowMs: 0 });
const TIME = new SimpleDateFormat(TIME_PATTERN, { nowMs: 0 });
const TIMESTAMP = new SimpleDateFormat(TIMESTAMP_PATTERN, { nowMs: 0 });

/**
 * `yyyy-MM-dd`; fields may be out of range and carry over. Null when the text does not begin like that, or means a day
 * that a Date cannot hold; so for the others.
 */
export function parseDateText(text: string): Date | null {
  return parse(DATE, text);
}

/** `HH:mm:ss.SSS'Z'` */
export function parseTimeText(text: string): Date | null {
  return parse(TIME, text);
}

/** `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'` */
export function parseTimestampText(text: string): Date | null {
  return parse(TIMESTAMP, text);
}

/** The pattern of `temporalText`: a time for anything before 1970-01-02, a date at midnight, else a timestamp. */
export function dateFormatFor(value: Date): string {
  const ms = value.getTime();
  if (ms < DAY_MS) return TIME_PATTERN;
  return ms % DAY_MS === 0 ? DATE_PATTERN : TIMESTAMP_PATTERN;
}

/** In UTC, in the pattern that Connect's Values choose. @throws DataError for a Date that holds no time. */
export function temporalText(value: Date): string {
  if (Number.isNaN(value.getTime())) throw new DataError("Failed to serialize a Date that holds no time");
  const iso = value.toISOString();
  const split = iso.lastIndexOf("T");
  const pattern = dateFormatFor(value);
  if (pattern === TIME_PATTERN) return iso.slice(split + 1);
  const date = iso.slice(0, split).replace(/^\+0*/, "");
  return pattern === DATE_PATTERN ? date : date + iso.slice(split);
}

function parse(format: SimpleDateFormat, text: string): Date | null {
  const epochMs = format.tryParse(text);
  return epochMs === null || Math.abs(Number(epochMs)) > DATE_MS_MAX ? null : new Date(Number(epochMs));
}
