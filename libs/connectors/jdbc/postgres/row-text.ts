// Pure: reads values out of the text form Postgres sends them in.
import { DataError, Decimal } from "@millrace/connect";

/** Digits that always make a safe integer. */
const SAFE_DIGITS = 15;
/** Longer text is decoded by the runtime. V8 makes a longer substring a view that keeps all the received text alive. */
const SHORT_TEXT_BYTES = 12;
const MINUS = 45;
const PLUS = 43;
const POINT = 46;
const ZERO = 48;
const DAY_MS = 86_400_000;

/** Bytes received from the server, with every byte as a character of `latin1` too. */
export interface RowBytes {
  readonly bytes: Buffer;
  readonly latin1: string;
}

/** The characters are made when the first value is read. */
export class ReceivedBytes implements RowBytes {
  readonly bytes: Buffer;
  #latin1: string | null = null;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get latin1(): string {
    this.#latin1 ??= this.bytes.toString("latin1");
    return this.#latin1;
  }
}

/** Reads the value in bytes `from` to `to`, never null. */
export type ValueReader = (row: RowBytes, from: number, to: number) => unknown;

export function readString({ bytes, latin1 }: RowBytes, from: number, to: number): string {
  if (to - from > SHORT_TEXT_BYTES) return bytes.toString("utf8", from, to);
  let all = 0;
  for (let i = from; i < to; i++) all |= bytes[i]!;
  return all < 128 ? latin1.substring(from, to) : bytes.toString("utf8", from, to);
}

/** A number when safe, else a bigint. */
export function readInteger({ bytes, latin1 }: RowBytes, from: number, to: number): number | bigint {
  if (to - from > SAFE_DIGITS) {
    const big = BigInt(latin1.substring(from, to));
    return big <= Number.MAX_SAFE_INTEGER && big >= Number.MIN_SAFE_INTEGER ? Number(big) : big;
  }
  const negative = bytes[from] === MINUS;
  const value = digits(bytes, negative ? from + 1 : from, to);
  return negative ? -value : value;
}

export function readFloat({ latin1 }: RowBytes, from: number, to: number): number {
  return Number(latin1.substring(from, to));
}

export function readBoolean({ bytes }: RowBytes, from: number): boolean {
  return bytes[from] === 116;
}

/** Of a `bit(1)`. */
export function readBit({ bytes }: RowBytes, from: number): boolean {
  return bytes[from] === 49;
}

export function readBytes({ latin1 }: RowBytes, from: number, to: number): Uint8Array {
  return Buffer.from(latin1.substring(from + 2, to), "hex");
}

/** Of a `numeric` without a fraction. @throws DataError when it is not a number. */
export function readIntegralNumeric(row: RowBytes, from: number, to: number): number | bigint {
  if (row.bytes[to - 1]! > ZERO + 9) throw new DataError(`Not a finite number: ${row.latin1.substring(from, to)}`);
  return readInteger(row, from, to);
}

/** @throws DataError when the value has more fraction digits than `scale`, or is not a number. */
export function decimalReader(scale: number): ValueReader {
  const read = unscaledReader(scale);
  return ({ bytes, latin1 }, from, to) => {
    const unscaled = read(bytes, from, to);
    return Number.isNaN(unscaled) ? rescale(latin1.substring(from, to), scale) : new Decimal(unscaled, scale);
  };
}

/** NaN unless it is a safe integer and written with as many fraction digits as `scale`. */
export function unscaledReader(scale: number): (bytes: Uint8Array, from: number, to: number) => number {
  return (bytes, from, to) => {
    if (scale < 0 || to - from > SAFE_DIGITS) return Number.NaN;
    const negative = bytes[from] === MINUS;
    let value = 0;
    let fraction = -1;
    for (let i = negative ? from + 1 : from; i < to; i++) {
      const byte = bytes[i]!;
      if (fraction >= 0) fraction++;
      if (byte === POINT) fraction = 0;
      else value = value * 10 + byte - ZERO;
    }
    if (Math.max(fraction, 0) !== scale || bytes[to - 1]! > ZERO + 9) return Number.NaN;
    return negative ? -value : value;
  };
}

function rescale(text: string, scale: number): Decimal {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new DataError(`Not a finite number, so not a Decimal: ${text}`);
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (scale >= 0 && fraction.length > scale) {
    throw new DataError(
      `${text} does not fit Decimal with scale ${scale}. Declare the column's precision and scale, or set ` +
        "numeric.mapping=best_fit_eager_double.",
    );
  }
  const unscaled = BigInt(match[1] + match[2]! + fraction.padEnd(Math.max(scale, 0), "0"));
  return new Decimal(scale < 0 ? unscaled / 10n ** BigInt(-scale) : unscaled, scale);
}

/** `2024-05-17`: midnight UTC. Infinity and years of more than four digits become the nearest JS Date there is. */
export function readDate({ bytes, latin1 }: RowBytes, from: number, to: number): Date {
  return new Date(to - from === 10 ? dayMs(bytes, from) : rareInstantMs(latin1.substring(from, to)));
}

/** `13:45:10.25`: milliseconds since midnight. */
export function readTime({ bytes }: RowBytes, from: number, to: number): Date {
  return new Date(Math.floor(timeMicros(bytes, from, to) / 1000) % DAY_MS);
}

/** `2024-05-17 13:45:10.25`, with a zone of +00 or none. */
export function readTimestamp(row: RowBytes, from: number, to: number): Date {
  const ms = timestampMs(row.bytes, from, to);
  return new Date(Number.isNaN(ms) ? rareInstantMs(row.latin1.substring(from, to)) : ms);
}

/** Milliseconds since the epoch; NaN when it is not of the usual form. */
export function timestampMs(bytes: Uint8Array, from: number, to: number): number {
  const end = zoneStart(bytes, from, to);
  return end === -1 ? Number.NaN : dayMs(bytes, from) + Math.floor(timeMicros(bytes, from + 11, end) / 1000);
}

/** Microseconds since the epoch. */
export function timestampMicros({ bytes, latin1 }: RowBytes, from: number, to: number): bigint {
  const end = zoneStart(bytes, from, to);
  if (end === -1) return BigInt(rareInstantMs(latin1.substring(from, to))) * 1000n;
  return BigInt(dayMs(bytes, from)) * 1000n + BigInt(timeMicros(bytes, from + 11, end));
}

/** Where a timestamp's zone begins; -1 when it is not of the usual form. */
function zoneStart(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from + 4] !== MINUS || bytes[from + 10] !== 32) return -1;
  if (bytes[to - 1] === 67) return -1;
  return bytes[to - 3] === PLUS ? to - 3 : to;
}

function rareInstantMs(text: string): number {
  const match = /^(\d+)-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(?:\+00)?( BC)?$/.exec(text);
  if (match === null) return text.startsWith("-") ? -8.64e15 : 8.64e15;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as number[];
  const date = new Date(0);
  date.setUTCFullYear(match[8] === undefined ? year! : 1 - year!, month! - 1, day!);
  date.setUTCHours(hour!, minute!, second!, Number((match[7] ?? "").padEnd(3, "0").slice(0, 3)));
  return date.getTime();
}

function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + bytes[i]! - ZERO;
  return value;
}

/** Of a day written as YYYY-MM-DD, after Howard Hinnant's days_from_civil. */
function dayMs(bytes: Uint8Array, from: number): number {
  const month = digits(bytes, from + 5, from + 7);
  const day = digits(bytes, from + 8, from + 10);
  const year = digits(bytes, from, from + 4) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY_MS;
}

function timeMicros(bytes: Uint8Array, from: number, to: number): number {
  const seconds =
    digits(bytes, from, from + 2) * 3600 + digits(bytes, from + 3, from + 5) * 60 + digits(bytes, from + 6, from + 8);
  const places = Math.max(0, to - from - 9);
  return seconds * 1e6 + (places === 0 ? 0 : digits(bytes, from + 9, to) * 10 ** (6 - places));
}
