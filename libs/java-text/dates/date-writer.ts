// Pure: instants to text, by a pattern taken apart.
import { CalendarDay, DAY_MS } from "./calendar-day.ts";
import { ERAS, HALF_DAYS, MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS } from "./date-names.ts";
import type { PatternField, PatternPart } from "./date-pattern.ts";
import type { Offsets, TimeZone } from "./time-zone.ts";

/** What the fields of a pattern are asked of. */
interface Moment {
  readonly day: CalendarDay;
  /** Milliseconds since midnight. */
  readonly timeOfDay: number;
  readonly zone: TimeZone;
  readonly offsets: Offsets;
}

type Writer = (moment: Moment) => string;

export class DateWriter {
  readonly #writers: readonly Writer[];
  /** The last day written: the next is mostly the same. */
  #day = new CalendarDay(0);

  constructor(parts: readonly PatternPart[]) {
    this.#writers = parts.map((part) => (typeof part === "string" ? () => part : fieldWriter(part)));
  }

  /** Milliseconds since the epoch. */
  write(epochMs: number | bigint, zone: TimeZone, offsets = zone.offsetsAt(Number(epochMs))): string {
    const { epochDay, timeOfDay } = split(epochMs, offsets.standard + offsets.daylight);
    if (this.#day.epochDay !== epochDay) this.#day = new CalendarDay(epochDay);
    const moment: Moment = { day: this.#day, timeOfDay, zone, offsets };
    let text = "";
    for (const writer of this.#writers) text += writer(moment);
    return text;
  }
}

function split(epochMs: number | bigint, shift: number): { epochDay: number; timeOfDay: number } {
  if (typeof epochMs === "number") {
    const local = epochMs + shift;
    const epochDay = Math.floor(local / DAY_MS);
    return { epochDay, timeOfDay: local - epochDay * DAY_MS };
  }
  const local = epochMs + BigInt(shift);
  const timeOfDay = Number(((local % BigInt(DAY_MS)) + BigInt(DAY_MS)) % BigInt(DAY_MS));
  return { epochDay: Number((local - BigInt(timeOfDay)) / BigInt(DAY_MS)), timeOfDay };
}

const hourOf = ({ timeOfDay }: Moment): number => Math.floor(timeOfDay / 3_600_000);

function fieldWriter({ letter, count }: PatternField): Writer {
  switch (letter) {
    case "G":
      return ({ day }) => ERAS[day.era]!;
    case "y":
      return count === 2 ? ({ day }) => lastTwo(day.yearOfEra) : ({ day }) => padded(day.yearOfEra, count);
    case "Y":
      return count === 2 ? ({ day }) => lastTwo(day.weekYear) : ({ day }) => padded(day.weekYear, count);
    case "M":
    case "L":
      return count < 3 ? ({ day }) => padded(day.month + 1, count) : named(count, SHORT_MONTHS, MONTHS, monthOf);
    case "w":
      return ({ day }) => padded(day.weekOfYear, count);
    case "W":
      return ({ day }) => padded(day.weekOfMonth, count);
    case "D":
      return ({ day }) => padded(day.dayOfYear, count);
    case "d":
      return ({ day }) => padded(day.dayOfMonth, count);
    case "F":
      return ({ day }) => padded(day.weekdayInMonth, count);
    case "E":
      return named(count, SHORT_WEEKDAYS, WEEKDAYS, ({ day }) => day.weekday - 1);
    case "u":
      return ({ day }) => padded(day.weekday === 1 ? 7 : day.weekday - 1, count);
    case "a":
      return (moment) => HALF_DAYS[hourOf(moment) < 12 ? 0 : 1]!;
    case "H":
      return (moment) => padded(hourOf(moment), count);
    case "k":
      return (moment) => padded(hourOf(moment) || 24, count);
    case "K":
      return (moment) => padded(hourOf(moment) % 12, count);
    case "h":
      return (moment) => padded(hourOf(moment) % 12 || 12, count);
    case "m":
      return ({ timeOfDay }) => padded(Math.floor(timeOfDay / 60_000) % 60, count);
    case "s":
      return ({ timeOfDay }) => padded(Math.floor(timeOfDay / 1000) % 60, count);
    case "S":
      return ({ timeOfDay }) => padded(timeOfDay % 1000, count);
    case "z":
      return ({ zone, offsets }) => zone.names[(offsets.daylight === 0 ? 0 : 2) + (count < 4 ? 1 : 0)]!;
    case "Z":
      return ({ offsets }) => offsetText(offsets, 2, "");
    default:
      return (moment) => isoOffsetText(moment.offsets, count);
  }
}

const monthOf = ({ day }: Moment): number => day.month;

function named(
  count: number,
  short: readonly string[],
  long: readonly string[],
  index: (moment: Moment) => number,
): Writer {
  const names = count < 4 ? short : long;
  return (moment) => names[index(moment)]!;
}

function padded(value: number, digits: number): string {
  if (value < 0) return `-${padded(-value, digits)}`;
  return value < 10 && digits === 2 ? `0${value}` : String(value).padStart(digits, "0");
}

function lastTwo(year: number): string {
  return year < 0 ? `-${lastTwo(-year)}` : padded(year % 100, 2);
}

function isoOffsetText(offsets: Offsets, count: number): string {
  if (offsets.standard + offsets.daylight === 0) return "Z";
  return offsetText(offsets, count === 1 ? 1 : 2, count === 3 ? ":" : "");
}

/** Hours, and minutes where `units` is 2. */
function offsetText({ standard, daylight }: Offsets, units: 1 | 2, separator: string): string {
  const minutes = Math.trunc((standard + daylight) / 60_000);
  const size = Math.abs(minutes);
  const text = (minutes < 0 ? "-" : "+") + padded(Math.floor(size / 60), 2);
  return units === 1 ? text : text + separator + padded(size % 60, 2);
}
