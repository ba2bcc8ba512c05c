// Pure: dates and times as text the way Java's lenient SimpleDateFormat reads and writes them, in UTC.
import { DataError } from "../errors.ts";
import { CUTOVER_DAY, julianMonthStart } from "./julian-calendar.ts";

const DATE_PATTERN = "yyyy-MM-dd";
const TIME_PATTERN = "HH:mm:ss.SSS'Z'";
const TIMESTAMP_PATTERN = `${DATE_PATTERN}'T'${TIME_PATTERN}`;
const DAY_MS = 86_400_000;
/** A year before this one is Julian, however many months are added to it. */
const CUTOVER_YEAR = 1582;
const NUMBER = "[ \\t]*(-?\\d+)";
const DATE = new RegExp(`^${NUMBER}-${NUMBER}-${NUMBER}`);
const TIME = new RegExp(`^${NUMBER}:${NUMBER}:${NUMBER}\\.${NUMBER}Z`);
const TIMESTAMP = new RegExp(`^${NUMBER}-${NUMBER}-${NUMBER}T${NUMBER}:${NUMBER}:${NUMBER}\\.${NUMBER}Z`);

/** `yyyy-MM-dd`; fields may be out of range and carry over. Null when the text does not begin like that. */
export function parseDateText(text: string): Date | null {
  const parts = fields(DATE, text);
  return parts === null ? null : new Date(day(parts[0]!, parts[1]!, parts[2]!) * DAY_MS);
}

/** `HH:mm:ss.SSS'Z'` */
export function parseTimeText(text: string): Date | null {
  const parts = fields(TIME, text);
  return parts === null ? null : new Date(clockMs(parts, 0));
}

/** `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'` */
export function parseTimestampText(text: string): Date | null {
  const parts = fields(TIMESTAMP, text);
  return parts === null ? null : new Date(day(parts[0]!, parts[1]!, parts[2]!) * DAY_MS + clockMs(parts, 3));
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

function fields(pattern: RegExp, text: string): readonly number[] | null {
  const match = pattern.exec(text);
  return match === null ? null : match.slice(1).map(Number);
}

function clockMs(parts: readonly number[], from: number): number {
  return ((parts[from]! * 60 + parts[from + 1]!) * 60 + parts[from + 2]!) * 1000 + parts[from + 3]!;
}

/** Days since the epoch; month 1 to 12, or carried over. */
function day(year: number, month: number, dayOfMonth: number): number {
  const months = year * 12 + month - 1;
  const y = Math.floor(months / 12);
  const m = months - y * 12;
  const gregorian = new Date(0).setUTCFullYear(y, m, 1) / DAY_MS + dayOfMonth - 1;
  if (year >= CUTOVER_YEAR && gregorian >= CUTOVER_DAY) return gregorian;
  return julianMonthStart(y, m) + dayOfMonth - 1;
}
