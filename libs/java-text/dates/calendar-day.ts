// Pure: days as java.util.GregorianCalendar counts them: Julian up to 4 October 1582, Gregorian after.

export const DAY_MS = 86_400_000;
/** 15 October 1582, the first Gregorian day, in days since 1970. */
export const CUTOVER_DAY = -141_427;
export const CUTOVER_YEAR = 1582;
/** From 1 March of the year 0 to 1970, in either calendar. */
const GREGORIAN_SHIFT = 719_468;
const JULIAN_SHIFT = 719_470;
const SUNDAY = 1;

/** Days since 1970 of a month's first day. Month 0 to 11; years before 1 are 0, -1, … */
export type FirstOfMonth = (year: number, month: number) => number;

export const gregorianDay: FirstOfMonth = (year, month) => {
  const y = month < 2 ? year - 1 : year;
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return 365 * y + leaps + daysBefore(month) - GREGORIAN_SHIFT;
};

export const julianDay: FirstOfMonth = (year, month) => {
  const y = month < 2 ? year - 1 : year;
  return 365 * y + Math.floor(y / 4) + daysBefore(month) - JULIAN_SHIFT;
};

/** In a year that begins in March. */
function daysBefore(month: number): number {
  return Math.floor((153 * ((month + 10) % 12) + 2) / 5);
}

export function isLeapYear(year: number): boolean {
  if (year % 4 !== 0) return false;
  return year <= CUTOVER_YEAR || year % 100 !== 0 || year % 400 === 0;
}

/** Sunday is 1. Any other number counts on from there. */
export function weekdayOnOrBefore(day: number, weekday: number): number {
  return day - modulo(day - weekday + 5, 7);
}

export function modulo(value: number, divisor: number): number {
  return value - divisor * Math.floor(value / divisor);
}

/** One day with all that a pattern may ask of it. Weeks begin on Sunday; the first one of a year holds 1 January. */
export class CalendarDay {
  readonly epochDay: number;
  /** 0 is 1 BC. */
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  readonly dayOfMonth: number;

  constructor(epochDay: number) {
    this.epochDay = epochDay;
    const julian = epochDay < CUTOVER_DAY;
    const shifted = epochDay + (julian ? JULIAN_SHIFT : GREGORIAN_SHIFT);
    const { year, dayOfYear } = (julian ? julianYear : gregorianYear)(shifted);
    const month = Math.floor((5 * dayOfYear + 2) / 153);
    this.dayOfMonth = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
    this.month = month < 10 ? month + 2 : month - 10;
    this.year = month < 10 ? year : year + 1;
  }

  /** 0 is BC, 1 is AD. */
  get era(): 0 | 1 {
    return this.year > 0 ? 1 : 0;
  }

  get yearOfEra(): number {
    return this.year > 0 ? this.year : 1 - this.year;
  }

  /** Sunday is 1. */
  get weekday(): number {
    return modulo(this.epochDay + 4, 7) + 1;
  }

  get dayOfYear(): number {
    return this.epochDay - this.#firstOfYear() + 1;
  }

  /** The how manieth of its weekday in the month. */
  get weekdayInMonth(): number {
    return Math.floor((this.epochDay - this.#firstOfMonth()) / 7) + 1;
  }

  get weekOfMonth(): number {
    return this.#weekSince(this.#firstOfMonth());
  }

  get weekOfYear(): number {
    return this.#isInNextYearsWeek(nextFirstOfYear(this.year)) ? 1 : this.#weekSince(this.#firstOfYear());
  }

  /** The year the week belongs to. Java takes BC years for AD ones where it looks for the next year's first week. */
  get weekYear(): number {
    const next = this.year > 0 ? this.year + 1 : -this.year;
    const lastWeek = this.#daysInYear() - this.dayOfYear + 1;
    if (this.year > CUTOVER_YEAR + 1) return this.weekOfYear === 1 && this.month === 11 ? this.year + 1 : this.year;
    const firstSunday = weekdayOnOrBefore(firstOfYear(next) + 6, SUNDAY) - firstOfYear(next);
    return this.dayOfYear > 1 && lastWeek <= 7 - (firstSunday === 0 ? 7 : firstSunday) ? this.year + 1 : this.year;
  }

  #firstOfYear(): number {
    return this.epochDay >= CUTOVER_DAY ? firstOfYear(this.year) : julianDay(this.year, 0);
  }

  /** October 1582 counts from its Julian first. */
  #firstOfMonth(): number {
    const first = this.epochDay - this.dayOfMonth + 1;
    const isCutover = this.year === CUTOVER_YEAR && this.month === 9 && this.epochDay >= CUTOVER_DAY;
    return isCutover ? julianDay(CUTOVER_YEAR, 9) : first;
  }

  #weekSince(first: number): number {
    return Math.floor((this.epochDay - weekdayOnOrBefore(first, SUNDAY)) / 7) + 1;
  }

  #isInNextYearsWeek(next: number): boolean {
    const sunday = weekdayOnOrBefore(next, SUNDAY);
    return sunday !== next && this.epochDay >= sunday;
  }

  #daysInYear(): number {
    return nextFirstOfYear(this.year) - firstOfYear(this.year);
  }
}

/** 1582 began in the Julian calendar. */
function firstOfYear(year: number): number {
  return (year > CUTOVER_YEAR ? gregorianDay : julianDay)(year, 0);
}

function nextFirstOfYear(year: number): number {
  return firstOfYear(year + 1);
}

/** @param day days since 1 March of the year 0. The year begins in March. */
function gregorianYear(day: number): { year: number; dayOfYear: number } {
  const cycle = Math.floor(day / 146_097);
  const rest = day - cycle * 146_097;
  const leapDays = Math.floor(rest / 1460) - Math.floor(rest / 36_524) + Math.floor(rest / 146_096);
  const year = Math.floor((rest - leapDays) / 365);
  return { year: cycle * 400 + year, dayOfYear: rest - (365 * year + Math.floor(year / 4) - Math.floor(year / 100)) };
}

function julianYear(day: number): { year: number; dayOfYear: number } {
  const cycle = Math.floor(day / 1461);
  const rest = day - cycle * 1461;
  const year = Math.floor((rest - Math.floor(rest / 1460)) / 365);
  return { year: cycle * 4 + year, dayOfYear: rest - 365 * year };
}
