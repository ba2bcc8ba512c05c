// Pure: days before 1582-10-15, which Java's calendars count by the Julian calendar.

/** 1582-10-15, the first day of the Gregorian calendar, in days since the epoch. */
export const CUTOVER_DAY = -141_427;
/** Days from 0000-03-01 to the epoch. */
const EPOCH_SHIFT = 719_470;
const DAYS_OF_FOUR_YEARS = 1461;

export interface CalendarDay {
  /** 0 is the year before 1. */
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  readonly day: number;
}

/** Days since the epoch of the first day of a month (0 to 11). Years are counted from March. */
export function julianMonthStart(year: number, month: number): number {
  const marchYear = month < 2 ? year - 1 : year;
  return 365 * marchYear + Math.floor(marchYear / 4) + monthStart((month + 10) % 12) - EPOCH_SHIFT;
}

/** @param epochDay days since the epoch. */
export function julianDate(epochDay: number): CalendarDay {
  const days = epochDay + EPOCH_SHIFT;
  const marchYear = Math.floor((4 * days + 3) / DAYS_OF_FOUR_YEARS);
  const dayOfYear = days - Math.floor((DAYS_OF_FOUR_YEARS * marchYear) / 4);
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  return {
    year: marchMonth < 10 ? marchYear : marchYear + 1,
    month: (marchMonth + 2) % 12,
    day: dayOfYear - monthStart(marchMonth) + 1,
  };
}

/** Day of a year that begins in March. */
function monthStart(marchMonth: number): number {
  return Math.floor((153 * marchMonth + 2) / 5);
}
