// Pure: dates and times of day, in the numbers Debezium gives for them.
import type { PackedField } from "@millrace/connect";
import { digits, type RowBytes } from "./row-bytes.ts";

const DAY_SECONDS = 86_400;
const MINUS = 45;
const PLUS = 43;
const SPACE = 32;
const POINT = 46;
const ZERO = 48;
const LETTER_C = 67;
const LETTER_T = 84;
const LETTER_Z = 90;
/** Where the seconds end in `2024-05-17 13:45:10.25`. */
const SECONDS_END = 19;
/** What the JDBC driver takes for infinity, as days. */
const INFINITE_DAYS = { infinity: -2_147_472_692, "-infinity": -2_147_472_691 } as const;
/** The same for timestamps, as microseconds. */
export const INFINITE_MICROS = {
  infinity: 9_223_372_036_825_200_000n,
  "-infinity": -9_223_372_036_832_400_000n,
} as const;

/** An instant or local time: whole seconds since the epoch, and microseconds of the second. */
export interface Moment {
  readonly seconds: number;
  readonly micros: number;
}

/** Days since the epoch of `2024-05-17`, in the proleptic Gregorian calendar. */
export function readDays({ bytes, latin1 }: RowBytes, from: number, to: number): number {
  if (to - from === 10 && bytes[from + 4] === MINUS) return usualDays(bytes, from);
  const text = latin1.substring(from, to);
  if (text === "infinity" || text === "-infinity") return INFINITE_DAYS[text];
  return rareDays(text);
}

/** Microseconds since midnight of `13:45:10.25`. */
export function readTimeMicros({ bytes }: RowBytes, from: number, to: number): number {
  return timeMicros(bytes, from, to);
}

/** Of `13:45:10.25+02:30`: microseconds since midnight UTC, between 0 and a day. */
export function readZonedTimeMicros({ bytes, latin1 }: RowBytes, from: number, to: number): number {
  let zone = from + 8;
  while (zone < to && bytes[zone] !== PLUS && bytes[zone] !== MINUS) zone++;
  const micros = timeMicros(bytes, from, zone);
  const day = DAY_SECONDS * 1e6;
  return (((micros - offsetSeconds(latin1.substring(zone, to)) * 1e6) % day) + day) % day;
}

/** Of `2024-05-17 13:45:10.25`, with a zone of +00 or none; null for infinity. */
export function readMoment({ bytes, latin1 }: RowBytes, from: number, to: number): Moment | null {
  if (isUsualMoment(bytes, from, to)) return usualMoment(bytes, from, to);
  const text = latin1.substring(from, to);
  if (text.endsWith("infinity")) return null;
  const space = text.indexOf(" ");
  const at = from + space + 1;
  let end = at + 8;
  while (end < to && (bytes[end] === 46 || (bytes[end]! >= 48 && bytes[end]! <= 57))) end++;
  return momentOf(rareDays(text.slice(0, space) + (text.endsWith("BC") ? " BC" : "")), timeMicros(bytes, at, end));
}

/**
 * Writes the usual text of an instant, such as `2024-05-17 13:45:10.25+00`, as `momentText` would with a Z behind; -1 for
 * years of more digits, years before Christ and infinity.
 */
export function momentWriter(fractionDigits: number): NonNullable<PackedField["write"]> {
  return (bytes, from, to, out, start) => {
    const end = to - 3;
    if (end < from + SECONDS_END || bytes[from + 4] !== MINUS || bytes[from + 10] !== SPACE) return -1;
    if (bytes[end] !== PLUS || bytes[end + 1] !== ZERO || bytes[end + 2] !== ZERO) return -1;
    let at = start;
    for (let i = from; i < from + SECONDS_END; i++) out[at++] = bytes[i]!;
    out[start + 10] = LETTER_T;
    if (fractionDigits > 0) {
      out[at++] = POINT;
      const fraction = from + SECONDS_END + 1;
      for (let i = fraction; i < fraction + fractionDigits; i++) out[at++] = i < end ? bytes[i]! : ZERO;
    }
    out[at++] = LETTER_Z;
    return at;
  };
}

/** Microseconds since the epoch of a usual text; NaN for others. */
export function usualMicros(bytes: Uint8Array, from: number, to: number): number {
  if (!isUsualMoment(bytes, from, to)) return Number.NaN;
  const { seconds, micros } = usualMoment(bytes, from, to);
  return seconds * 1e6 + micros;
}

/** Milliseconds, as `usualMicros`. */
export function usualMillis(bytes: Uint8Array, from: number, to: number): number {
  return isUsualMoment(bytes, from, to) ? millisOf(usualMoment(bytes, from, to)) : Number.NaN;
}

/** As `readDays`; NaN for what is not of four digits of a year. */
export function usualDay(bytes: Uint8Array, from: number, to: number): number {
  return to - from === 10 && bytes[from + 4] === MINUS ? usualDays(bytes, from) : Number.NaN;
}

/** A safe number when it is one, else a bigint. */
export function microsOf({ seconds, micros }: Moment): number | bigint {
  const number = seconds * 1e6 + micros;
  return Number.isSafeInteger(number) ? number : BigInt(seconds) * 1_000_000n + BigInt(micros);
}

export function millisOf({ seconds, micros }: Moment): number {
  return seconds * 1000 + Math.floor(micros / 1000);
}

export function nanosOf({ seconds, micros }: Moment): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1000n;
}

/** `2024-05-17T13:45:10.250000Z`, with this many digits of a second. */
export function momentText({ seconds, micros }: Moment, fractionDigits: number): string {
  const day = Math.floor(seconds / DAY_SECONDS);
  const fraction = fractionDigits === 0 ? "" : `.${String(micros).padStart(6, "0").slice(0, fractionDigits)}`;
  return `${dayText(day)}T${clockText(seconds - day * DAY_SECONDS)}${fraction}`;
}

/** `2024-05-17T13:45:10.25Z`, with as many digits of a second as needed. */
export function shortMomentText({ seconds, micros }: Moment): string {
  const day = Math.floor(seconds / DAY_SECONDS);
  return `${dayText(day)}T${timeText((seconds - day * DAY_SECONDS) * 1e6 + micros)}`;
}

export function momentOfMicros(micros: bigint): Moment {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return { seconds: Number((micros - rest) / 1_000_000n), micros: Number(rest) };
}

/** `13:45:10.25` with as many digits of a second as needed. */
export function timeText(micros: number): string {
  const fraction = micros % 1e6;
  const digitsText = fraction === 0 ? "" : `.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`;
  return clockText(Math.floor(micros / 1e6)) + digitsText;
}

export function dayText(days: number): string {
  const { year, month, day } = civil(days);
  const shown = year < 0 ? `-${two(-year, 4)}` : year > 9999 ? `+${year}` : two(year, 4);
  return `${shown}-${two(month)}-${two(day)}`;
}

function clockText(seconds: number): string {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function momentOf(days: number, micros: number): Moment {
  return { seconds: days * DAY_SECONDS + Math.floor(micros / 1e6), micros: micros % 1e6 };
}

function two(value: number, length = 2): string {
  return String(value).padStart(length, "0");
}

function offsetSeconds(zone: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = zone.slice(1).split(":").map(Number);
  return (zone[0] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

/** Of a year of four digits, after Christ. */
function isUsualMoment(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes[from + 4] === MINUS && bytes[from + 10] === SPACE && bytes[to - 1] !== LETTER_C;
}

function usualMoment(bytes: Uint8Array, from: number, to: number): Moment {
  const end = bytes[to - 3] === PLUS ? to - 3 : to;
  return momentOf(usualDays(bytes, from), timeMicros(bytes, from + 11, end));
}

function rareDays(text: string): number {
  const match = /^(\d+)-(\d\d)-(\d\d)( BC)?/.exec(text)!;
  const year = match[4] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  return daysOf(year, Number(match[2]), Number(match[3]));
}

function usualDays(bytes: Uint8Array, from: number): number {
  const year = digits(bytes, from, from + 4);
  return daysOf(year, digits(bytes, from + 5, from + 7), digits(bytes, from + 8, from + 10));
}

/** After Howard Hinnant's days_from_civil. */
function daysOf(fullYear: number, month: number, day: number): number {
  const year = fullYear - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** After Howard Hinnant's civil_from_days. */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Of `13:45:10.25`, without a zone. */
export function timeMicros(bytes: Uint8Array, from: number, to: number): number {
  const seconds =
    digits(bytes, from, from + 2) * 3600 + digits(bytes, from + 3, from + 5) * 60 + digits(bytes, from + 6, from + 8);
  const places = Math.max(0, to - from - 9);
  return seconds * 1e6 + (places === 0 ? 0 : digits(bytes, from + 9, to) * 10 ** (6 - places));
}
