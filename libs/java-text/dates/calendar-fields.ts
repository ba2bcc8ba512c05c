// Pure: the fields read from a text, and the instant they mean to a lenient java.util.GregorianCalendar.
import {
  CalendarDay,
  CUTOVER_DAY,
  CUTOVER_YEAR,
  DAY_MS,
  type FirstOfMonth,
  gregorianDay,
  isLeapYear,
  julianDay,
  modulo,
  weekdayOnOrBefore,
} from "./calendar-day.ts";
import { NO_OFFSETS, type Offsets, type TimeZone } from "./time-zone.ts";

export const Field = {
  ERA: 0,
  YEAR: 1,
  MONTH: 2,
  WEEK_OF_YEAR: 3,
  WEEK_OF_MONTH: 4,
  DAY_OF_MONTH: 5,
  DAY_OF_YEAR: 6,
  DAY_OF_WEEK: 7,
  DAY_OF_WEEK_IN_MONTH: 8,
  AM_PM: 9,
  HOUR: 10,
  HOUR_OF_DAY: 11,
  MINUTE: 12,
  SECOND: 13,
  MILLISECOND: 14,
  ZONE_OFFSET: 15,
  DST_OFFSET: 16,
  WEEK_YEAR: 17,
} as const;

const FIELD_COUNT = 18;
const UNSET = 0;
const SUNDAY = 1;
const EPOCH_YEAR = 1970;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What fields mean. */
export interface Instant {
  /** Milliseconds since the epoch; a bigint where a number is not exact. */
  readonly epochMs: number | bigint;
  /** Those that were in force for it. */
  readonly offsets: Offsets;
  /** Its day was given by week year. */
  readonly byWeekYear: boolean;
}

/** Which fields say the day. */
type DayRule = "day-of-month" | "week-of-month" | "weekday-in-month" | "day-of-year" | "week-of-year";

/**
 * Values of fields, each with when it was set: of fields that contradict each other, those set last count. Values may
 * be beyond their range: the 32nd is the first of the next month.
 */
export class CalendarFields {
  readonly #values = new Int32Array(FIELD_COUNT);
  /** Later is greater; 0 where there is no value. */
  readonly #stamps = new Int32Array(FIELD_COUNT);
  #lastStamp = UNSET;

  reset(): void {
    // Filling so few by a call takes several times as long.
    for (let field = 0; field < FIELD_COUNT; field++) {
      this.#values[field] = 0;
      this.#stamps[field] = UNSET;
    }
    this.#lastStamp = UNSET;
  }

  set(field: number, value: number): void {
    this.#values[field] = value;
    this.#stamps[field] = ++this.#lastStamp;
  }

  clear(field: number): void {
    this.#values[field] = 0;
    this.#stamps[field] = UNSET;
  }

  /** For two digit years. */
  addYears(years: number): void {
    this.#values[Field.YEAR]! += years;
    this.#values[Field.WEEK_YEAR]! += years;
  }

  toInstant(zone: TimeZone): Instant {
    const timeOfDay = this.#timeOfDay();
    const extraDays = Math.floor(timeOfDay / DAY_MS);
    const byWeekYear = this.#isSet(Field.WEEK_YEAR) && this.#stamps[Field.WEEK_YEAR]! > this.#stamps[Field.YEAR]!;
    const day = byWeekYear ? this.#weekDate(extraDays) : this.#epochDay(this.#dayRule(), extraDays);
    const timeLeft = timeOfDay - extraDays * DAY_MS;
    const wallMs = day * DAY_MS + timeLeft;
    const offsets = this.#offsets(wallMs, zone);
    const shift = offsets.standard + offsets.daylight;
    const epochMs = Number.isSafeInteger(wallMs)
      ? wallMs - shift
      : BigInt.asIntN(64, BigInt(day) * BigInt(DAY_MS) + BigInt(timeLeft - shift));
    return { epochMs, offsets, byWeekYear };
  }

  #isSet(field: number): boolean {
    return this.#stamps[field] !== UNSET;
  }

  /** In milliseconds, often more or less than a day holds. */
  #timeOfDay(): number {
    const value = this.#values;
    const hours = this.#countsFromNoon() ? value[Field.HOUR]! + 12 * value[Field.AM_PM]! : value[Field.HOUR_OF_DAY]!;
    return ((hours * 60 + value[Field.MINUTE]!) * 60 + value[Field.SECOND]!) * 1000 + value[Field.MILLISECOND]!;
  }

  #countsFromNoon(): boolean {
    const ofDay = this.#stamps[Field.HOUR_OF_DAY]!;
    const both = this.#latest(Field.HOUR, Field.AM_PM);
    return both > ofDay || ofDay === UNSET;
  }

  /** When the later of two fields was set; never, unless both were. */
  #latest(one: number, other: number): number {
    const first = this.#stamps[one]!;
    const second = this.#stamps[other]!;
    return first === UNSET || second === UNSET ? UNSET : Math.max(first, second);
  }

  #dayRule(): DayRule {
    const stamps = this.#stamps;
    const weekday = stamps[Field.DAY_OF_WEEK]!;
    const dayOfMonth = stamps[Field.DAY_OF_MONTH]!;
    const dayOfYear = stamps[Field.DAY_OF_YEAR]!;
    let weekOfMonth = this.#latest(Field.WEEK_OF_MONTH, Field.DAY_OF_WEEK);
    let inMonth = this.#latest(Field.DAY_OF_WEEK_IN_MONTH, Field.DAY_OF_WEEK);
    let weekOfYear = this.#latest(Field.WEEK_OF_YEAR, Field.DAY_OF_WEEK);
    let best = Math.max(dayOfMonth, weekOfMonth, inMonth, dayOfYear, weekOfYear);
    if (best === UNSET) {
      weekOfMonth = stamps[Field.WEEK_OF_MONTH]!;
      inMonth = Math.max(stamps[Field.DAY_OF_WEEK_IN_MONTH]!, weekday);
      weekOfYear = stamps[Field.WEEK_OF_YEAR]!;
      best = Math.max(weekOfMonth, inMonth, weekOfYear);
      if (best === UNSET) return "day-of-month";
    }
    if (best === dayOfMonth) return "day-of-month";
    const byWeekOfMonth = best === weekOfMonth && stamps[Field.WEEK_OF_MONTH]! >= stamps[Field.WEEK_OF_YEAR]!;
    const byWeekday = best === inMonth && stamps[Field.DAY_OF_WEEK_IN_MONTH]! >= stamps[Field.WEEK_OF_YEAR]!;
    if (!byWeekOfMonth && !byWeekday) return best === dayOfYear ? "day-of-year" : "week-of-year";
    if (weekOfMonth !== inMonth) return best === weekOfMonth ? "week-of-month" : "weekday-in-month";
    return stamps[Field.WEEK_OF_MONTH]! >= stamps[Field.DAY_OF_WEEK_IN_MONTH]! ? "week-of-month" : "weekday-in-month";
  }

  /** By the calendar of its time. A day that fell out in October 1582 is taken for the Julian one. */
  #epochDay(rule: DayRule, extraDays: number): number {
    const year = this.#year();
    if (year < CUTOVER_YEAR) return this.#dayIn(julianDay, year, rule) + extraDays;
    const gregorian = this.#dayIn(gregorianDay, year, rule) + extraDays;
    const inMonth = rule !== "day-of-year" && rule !== "week-of-year";
    if (gregorian >= CUTOVER_DAY && (year > CUTOVER_YEAR || inMonth)) return gregorian;
    return this.#dayIn(julianDay, year, rule) + extraDays;
  }

  /** 0 is 1 BC. */
  #year(): number {
    const year = this.#isSet(Field.YEAR) ? this.#values[Field.YEAR]! : EPOCH_YEAR;
    return this.#isBeforeChrist() ? (1 - year) | 0 : year;
  }

  #isBeforeChrist(): boolean {
    return this.#isSet(Field.ERA) && this.#values[Field.ERA] === 0;
  }

  #dayIn(firstOfMonth: FirstOfMonth, givenYear: number, rule: DayRule): number {
    const value = this.#values;
    if (rule === "day-of-year") return firstOfMonth(givenYear, 0) + value[Field.DAY_OF_YEAR]! - 1;
    if (rule === "week-of-year") return this.#inWeek(firstOfMonth(givenYear, 0), value[Field.WEEK_OF_YEAR]!);
    const year = (givenYear + Math.floor(value[Field.MONTH]! / 12)) | 0;
    const month = modulo(value[Field.MONTH]!, 12);
    const first = firstOfMonth(year, month);
    switch (rule) {
      case "day-of-month":
        return this.#isSet(Field.DAY_OF_MONTH) ? first + value[Field.DAY_OF_MONTH]! - 1 : first;
      case "week-of-month":
        return this.#inWeek(first, value[Field.WEEK_OF_MONTH]!);
      case "weekday-in-month":
        return this.#countedWeekday(first, year, month);
    }
  }

  /** The weekday, or Sunday, in a week counted from the one that holds the first day. */
  #inWeek(first: number, week: number): number {
    const sunday = weekdayOnOrBefore(first, SUNDAY);
    const day = this.#isSet(Field.DAY_OF_WEEK)
      ? weekdayOnOrBefore(sunday + 6, this.#values[Field.DAY_OF_WEEK]!)
      : sunday;
    return day + Math.imul(7, week - 1);
  }

  /** Negative counts from the end of the month. */
  #countedWeekday(first: number, year: number, month: number): number {
    const weekday = this.#isSet(Field.DAY_OF_WEEK) ? this.#values[Field.DAY_OF_WEEK]! : SUNDAY;
    const count = this.#isSet(Field.DAY_OF_WEEK_IN_MONTH) ? this.#values[Field.DAY_OF_WEEK_IN_MONTH]! : 1;
    if (count >= 0) return weekdayOnOrBefore(first + Math.imul(7, count) - 1, weekday);
    const length = MONTH_DAYS[month]! + (month === 1 && isLeapYear(year) ? 1 : 0);
    return weekdayOnOrBefore(first + ((length + Math.imul(7, count + 1)) | 0) - 1, weekday);
  }

  /** A week year with week and weekday; the first week's Sunday where they are not given. */
  #weekDate(extraDays: number): number {
    const value = this.#values;
    let week = this.#isSet(Field.WEEK_OF_YEAR) ? value[Field.WEEK_OF_YEAR]! : 1;
    let weekday = this.#isSet(Field.DAY_OF_WEEK) ? value[Field.DAY_OF_WEEK]! : SUNDAY;
    if (weekday > 7) {
      week += Math.floor((weekday - 1) / 7);
      weekday = toCalendarWeekday(((weekday - 1) % 7) + 1);
    } else if (weekday <= 0) {
      week += Math.floor((weekday - 1) / 7);
      weekday = toCalendarWeekday(modulo(weekday - 1, 7) + 1);
    }
    // It counts in the era of the day that the other fields mean.
    const { era } = new CalendarDay(this.#epochDay(this.#dayRule(), extraDays));
    const year = era === 0 ? (1 - value[Field.WEEK_YEAR]!) | 0 : value[Field.WEEK_YEAR]!;
    return firstSunday(year) + weekday - SUNDAY + 7 * (week - 1) + extraDays;
  }

  /** What the text says goes before the zone's rules. */
  #offsets(wallMs: number, zone: TimeZone): Offsets {
    const givesStandard = this.#isSet(Field.ZONE_OFFSET);
    const givesDaylight = this.#isSet(Field.DST_OFFSET);
    if (!givesStandard && !givesDaylight) return zone.offsetsAtWall(wallMs);
    const byZone = givesStandard ? NO_OFFSETS : zone.offsetsAtWall(wallMs);
    return {
      standard: givesStandard ? this.#values[Field.ZONE_OFFSET]! : byZone.standard,
      daylight: givesDaylight ? this.#values[Field.DST_OFFSET]! : byZone.daylight,
    };
  }
}

/** Monday is 1 for a pattern's `u`, 2 for a calendar. */
export function toCalendarWeekday(isoWeekday: number): number {
  if (isoWeekday < 1 || isoWeekday > 7) return isoWeekday;
  return isoWeekday === 7 ? SUNDAY : isoWeekday + 1;
}

/** Of the week that holds 1 January. */
function firstSunday(year: number): number {
  const gregorian = weekdayOnOrBefore(gregorianDay(year, 0), SUNDAY);
  if (year > CUTOVER_YEAR && gregorian >= CUTOVER_DAY) return gregorian;
  return weekdayOnOrBefore(julianDay(year, 0), SUNDAY);
}
