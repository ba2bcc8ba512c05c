// Pure: interval, as Postgres writes it in its own style.
import type { RowBytes } from "./row-bytes.ts";

interface Interval {
  years: number;
  months: number;
  days: number;
  hours: number;
  minutes: number;
  /** Of the time part, whole seconds and microseconds, both with its sign. */
  seconds: number;
  micros: number;
}

/** A month is a twelfth of 365.25 days. */
const MONTH_MICROS = 2_629_800_000_000n;
const DAY_MICROS = 86_400_000_000n;

export function readIntervalMicros({ latin1 }: RowBytes, from: number, to: number): number | bigint {
  const { years, months, days, hours, minutes, seconds, micros } = parseInterval(latin1.substring(from, to));
  const time = BigInt(hours * 3600 + minutes * 60 + seconds) * 1_000_000n + BigInt(micros);
  const total = BigInt(years * 12 + months) * MONTH_MICROS + BigInt(days) * DAY_MICROS + time;
  const number = Number(total);
  return Number.isSafeInteger(number) ? number : total;
}

/** ISO 8601 with every part: `P1Y2M3DT4H5M6.789S`. */
export function readIntervalText({ latin1 }: RowBytes, from: number, to: number): string {
  const { years, months, days, hours, minutes, seconds, micros } = parseInterval(latin1.substring(from, to));
  const fraction = micros === 0 ? "" : `.${String(Math.abs(micros)).padStart(6, "0").replace(/0+$/, "")}`;
  const sign = seconds === 0 && micros < 0 ? "-" : "";
  return `P${years}Y${months}M${days}DT${hours}H${minutes}M${sign}${seconds}${fraction}S`;
}

function parseInterval(text: string): Interval {
  const found: Interval = { years: 0, months: 0, days: 0, hours: 0, minutes: 0, seconds: 0, micros: 0 };
  for (const [, amount, unit] of text.matchAll(/([+-]?\d+) (year|mon|day)s?/g)) {
    found[unit === "year" ? "years" : unit === "mon" ? "months" : "days"] = Number(amount);
  }
  const time = /([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(text);
  if (time !== null) {
    // Adding 0 makes 0 of -0.
    const signed = (value: string | undefined) => Number(value ?? 0) * (time[1] === "-" ? -1 : 1) + 0;
    found.hours = signed(time[2]);
    found.minutes = signed(time[3]);
    found.seconds = signed(time[4]);
    found.micros = signed(time[5]?.padEnd(6, "0"));
  }
  return found;
}
