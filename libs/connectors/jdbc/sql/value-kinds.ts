// Pure: kinds of columns that databases have in common, as Confluent's generic dialect maps them.
import { ConnectDate, DataError, Decimal, SchemaBuilder, Time, Timestamp } from "@millrace/connect";
import type { NumericMapping, TimestampGranularity } from "../config-checks.ts";
import type { JdbcSourceSettings } from "../settings.ts";
import type { CatalogColumn, ColumnKind, ValueReader } from "./sql-grammar.ts";
import { type ZoneClock, zoneClock } from "./zone-clock.ts";

export type Kind = readonly [builder: () => SchemaBuilder, read: ValueReader];

const INTEGER_PRECISION_MAX = 18;
const SCALE_MIN = -84;
const DAY_MS = 86_400_000;
const NANOS_PER_MS = 1_000_000n;

export function columnKind({ nullable }: CatalogColumn, [builder, read]: Kind, select = plain): ColumnKind {
  return { schema: nullable ? builder().optional().build() : builder().build(), read, select };
}

const plain = (column: string) => column;

export const integerKinds = {
  int8: [SchemaBuilder.int8, readInteger],
  int16: [SchemaBuilder.int16, readInteger],
  int32: [SchemaBuilder.int32, readInteger],
  int64: [SchemaBuilder.int64, readInteger],
} as const satisfies Record<string, Kind>;
export const float32Kind: Kind = [SchemaBuilder.float32, Number];
export const float64Kind: Kind = [SchemaBuilder.float64, Number];
export const booleanKind: Kind = [SchemaBuilder.bool, (value) => value === true || Number(value) === 1];
export const stringKind: Kind = [SchemaBuilder.string, (value) => (typeof value === "string" ? value : String(value))];
export const bytesKind: Kind = [
  SchemaBuilder.bytes,
  (value) => (typeof value === "string" ? Buffer.from(value) : (value as Uint8Array)),
];
export const dateKind: Kind = [ConnectDate.builder, (value) => new Date(localMsOf(value, "date"))];
export const timeKind: Kind = [Time.builder, readTime];

/** A number when safe, else a bigint. */
export function readInteger(value: unknown): number | bigint {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (value instanceof Uint8Array) return compact(BigInt(`0x${Buffer.from(value).toString("hex") || "0"}`));
  return compact(BigInt(value as string | bigint));
}

function compact(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
}

/** NUMERIC columns, which `numeric.mapping` is about; DECIMAL columns are Decimals whatever it says. */
export function numericKind(precision: number, scale: number, mapping: NumericMapping): Kind {
  if (mapping !== "none" && precision <= INTEGER_PRECISION_MAX) {
    const integral = mapping === "precision_only" ? scale === 0 : scale <= 0 && scale >= SCALE_MIN;
    if (integral) return integerOf(precision);
    if (mapping === "best_fit" && scale > 0) return float64Kind;
  }
  if (mapping === "best_fit_eager_double" && scale > 0) return float64Kind;
  return decimalKind(precision, scale);
}

function integerOf(precision: number): Kind {
  if (precision > 9) return integerKinds.int64;
  if (precision > 4) return integerKinds.int32;
  return precision > 2 ? integerKinds.int16 : integerKinds.int8;
}

export function decimalKind(precision: number, scale: number): Kind {
  const builder = () => Decimal.builder(scale).parameter("connect.decimal.precision", String(precision));
  return [builder, (value) => decimalOf(String(value), scale)];
}

/** @throws DataError when there are more fraction digits than `scale`. */
export function decimalOf(text: string, scale: number): Decimal {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim());
  if (match === null) throw new DataError(`Not a finite number, so not a Decimal: ${text}`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const places = fraction.length - Number(exponent);
  let unscaled = BigInt(`${whole}${fraction}` || "0");
  if (places <= scale) unscaled *= 10n ** BigInt(scale - places);
  else {
    const factor = 10n ** BigInt(places - scale);
    if (unscaled % factor !== 0n) throw new DataError(`${text} does not fit Decimal with scale ${scale}.`);
    unscaled /= factor;
  }
  return new Decimal(sign === "-" ? -unscaled : unscaled, scale);
}

/** Local times without a zone are meant in `db.timezone`; `utc`: the connection gives them in UTC. */
export function timestampKind(settings: JdbcSourceSettings, utc: boolean): Kind {
  const zone = zoneClock(utc ? "UTC" : settings.timeZone);
  return granularKind(settings.timestampGranularity, (value) => instantNanos(value, zone));
}

function granularKind(granularity: TimestampGranularity, nanosOf: (value: unknown) => bigint): Kind {
  if (granularity === "connect_logical") {
    return [Timestamp.builder, (value) => new Date(Number(floorDivide(nanosOf(value), NANOS_PER_MS)))];
  }
  const unit = granularity.startsWith("nanos") ? 1n : 1000n;
  if (granularity.endsWith("_iso_datetime_string")) {
    const digits = unit === 1n ? 9 : 6;
    return [SchemaBuilder.string, (value) => localText(nanosOf(value), digits).replace(" ", "T")];
  }
  const amount = (value: unknown) => compact(floorDivide(nanosOf(value), unit));
  if (granularity.endsWith("_long")) return [SchemaBuilder.int64, amount];
  return [SchemaBuilder.string, (value) => String(amount(value))];
}

/** Nanoseconds since the epoch of `2024-05-17 13:45:10.25`, with or without an offset, or of milliseconds. */
export function instantNanos(value: unknown, zone: ZoneClock): bigint {
  if (typeof value === "number" || typeof value === "bigint") return BigInt(Math.floor(Number(value))) * NANOS_PER_MS;
  const match = /^([+-]?\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)? ?(Z|[+-]\d\d:?\d\d)?$/.exec(
    String(value),
  );
  if (match === null) throw new DataError(`Not a timestamp: ${value}`);
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", offset] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  if (Number(month) === 0 || Number(day) === 0) throw new DataError(`Not a timestamp there is: ${value}`);
  const local = date.getTime();
  const ms = offset === undefined ? zone.instantMs(local) : local - offsetMs(offset);
  return BigInt(ms) * NANOS_PER_MS + BigInt(fraction.padEnd(9, "0").slice(0, 9) || "0");
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** `2024-05-17 13:45:10.250000` in UTC, with so many digits of the second; not earlier than given. */
export function localText(nanos: bigint, digits: number): string {
  const unit = 10n ** BigInt(9 - digits);
  const whole = ((nanos + unit - 1n) / unit) * unit;
  const seconds = floorDivide(whole, 1_000_000_000n);
  const fraction = String(whole - seconds * 1_000_000_000n)
    .padStart(9, "0")
    .slice(0, digits);
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace("T", " ");
  return digits === 0 ? text : `${text}.${fraction}`;
}

/** The local time in a zone, as `localText`. */
export function zonedText(nanos: bigint, digits: number, zone: ZoneClock): string {
  const ms = floorDivide(nanos, NANOS_PER_MS);
  const local = BigInt(zone.localMs(Number(ms)));
  return localText(local * NANOS_PER_MS + (nanos - ms * NANOS_PER_MS), digits);
}

function localMsOf(value: unknown, what: string): number {
  if (typeof value === "number" || typeof value === "bigint") return Math.floor(Number(value) / DAY_MS) * DAY_MS;
  const match = /^([+-]?\d{4,})-(\d\d)-(\d\d)/.exec(String(value));
  if (match === null || match[2] === "00" || match[3] === "00") throw new DataError(`Not a ${what} there is: ${value}`);
  const date = new Date(0);
  return date.setUTCFullYear(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
}

/** `13:45:10.25`: milliseconds since midnight; of more than a day, what is left of it. */
function readTime(value: unknown): Date {
  const match = /^(-?)(\d+):(\d\d)(?::(\d\d)(?:\.(\d+))?)?/.exec(String(value));
  if (match === null) throw new DataError(`Not a time: ${value}`);
  const [, sign, hours, minutes, seconds = "0", fraction = ""] = match;
  const ms =
    (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 +
    Number(fraction.padEnd(3, "0").slice(0, 3));
  return new Date((((sign === "-" ? -ms : ms) % DAY_MS) + DAY_MS) % DAY_MS);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const rest = ((value % by) + by) % by;
  return (value - rest) / by;
}
