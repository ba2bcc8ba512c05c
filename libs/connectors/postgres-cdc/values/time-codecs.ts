// Pure: how dates, times and timestamps appear in each time.precision.mode.
import { ConnectDate, type PackedField, SchemaBuilder, Time, Timestamp } from "@millrace/connect";
import type { TimeMode, ValueSettings } from "../config/settings.ts";
import { readIntervalMicros, readIntervalText } from "./intervals.ts";
import type { ValueReader } from "./row-bytes.ts";
import {
  dayText,
  INFINITE_MICROS,
  type Moment,
  microsOf,
  millisOf,
  momentOfMicros,
  momentText,
  momentWriter,
  nanosOf,
  readDays,
  readMoment,
  readTimeMicros,
  readZonedTimeMicros,
  shortMomentText,
  timeMicros,
  timeText,
  usualDay,
  usualMicros,
  usualMillis,
} from "./times.ts";
import { plainCodec, type ValueCodec } from "./value-codec.ts";

const DAY_MS = 86_400_000;
const DAY_MICROS = 86_400_000_000;
const LAST_LONG = 2n ** 63n - 1n;
/** The first and last instant a Date can hold. */
const LAST_DATE_MS = 8.64e15;

function named(type: "INT32" | "INT64" | "STRING", name: string): () => SchemaBuilder {
  return () => SchemaBuilder.type(type).name(`io.debezium.time.${name}`).version(1);
}

export function dateCodec(mode: TimeMode): ValueCodec {
  const functionDefault = "1970-01-01";
  if (mode === "connect") {
    const read: ValueReader = (row, from, to) => connectDate(readDays(row, from, to) * DAY_MS);
    return plainCodec({ builder: ConnectDate.builder, read, fallback: new Date(0), functionDefault });
  }
  if (mode === "isostring") {
    const read: ValueReader = (row, from, to) => `${dayText(readDays(row, from, to))}Z`;
    return plainCodec({ builder: named("STRING", "IsoDate"), read, fallback: "1970-01-01Z", functionDefault });
  }
  const packed: PackedField = { form: "integer", number: usualDay };
  return plainCodec({ builder: named("INT32", "Date"), read: readDays, packed, fallback: 0, functionDefault });
}

export function timeCodec(mode: TimeMode, digits: number): ValueCodec {
  const functionDefault = "00:00:00";
  const made = (builder: () => SchemaBuilder, convert: (micros: number) => unknown) =>
    plainCodec({
      builder,
      read: (row, from, to) => convert(readTimeMicros(row, from, to)),
      fallback: convert(0),
      functionDefault,
    });
  switch (mode) {
    case "connect":
      return made(Time.builder, (micros) => new Date(Math.floor(micros / 1000)));
    case "isostring":
      return made(named("STRING", "IsoTime"), (micros) => `${timeText(micros % DAY_MICROS)}Z`);
    case "nanoseconds":
      return made(named("INT64", "NanoTime"), (micros) => micros * 1000);
    case "adaptive":
      if (digits <= 3) return made(named("INT32", "Time"), (micros) => Math.floor(micros / 1000));
  }
  const packed: PackedField = { form: "integer", number: timeMicros };
  return plainCodec({
    builder: named("INT64", "MicroTime"),
    read: readTimeMicros,
    packed,
    fallback: 0,
    functionDefault,
  });
}

export function timestampCodec(mode: TimeMode, digits: number): ValueCodec {
  const functionDefault = "1970-01-01 00:00:00";
  const made = (
    builder: () => SchemaBuilder,
    convert: (moment: Moment) => unknown,
    infinite: (micros: bigint) => unknown,
    number?: PackedField["number"],
  ) =>
    plainCodec({
      builder,
      ...(number && { packed: { form: "integer", number } }),
      read: (row, from, to) => {
        const moment = readMoment(row, from, to);
        if (moment !== null) return convert(moment);
        return infinite(INFINITE_MICROS[row.latin1.substring(from, to) as keyof typeof INFINITE_MICROS]);
      },
      fallback: convert({ seconds: 0, micros: 0 }),
      functionDefault,
    });
  const inMillis = (micros: bigint) => Number(micros / 1000n);
  switch (mode) {
    case "connect":
      return made(
        Timestamp.builder,
        (moment) => connectDate(millisOf(moment)),
        (micros) => connectDate(inMillis(micros)),
      );
    case "isostring":
      return made(
        named("STRING", "IsoTimestamp"),
        (moment) => `${shortMomentText(moment)}Z`,
        (micros) => `${shortMomentText(momentOfMicros(micros))}Z`,
      );
    case "nanoseconds":
      // What has no place in 64 bits has no value.
      return made(
        named("INT64", "NanoTimestamp"),
        (moment) => {
          const nanos = nanosOf(moment);
          return nanos === BigInt.asIntN(64, nanos) ? nanos : null;
        },
        (micros) => (micros > 0n ? LAST_LONG : -LAST_LONG - 1n),
      );
    case "adaptive":
    case "adaptive_time_microseconds":
      if (digits <= 3) return made(named("INT64", "Timestamp"), millisOf, inMillis, usualMillis);
  }
  return made(named("INT64", "MicroTimestamp"), microsOf, (micros) => micros, usualMicros);
}

export function zonedTimestampCodec(digits: number): ValueCodec {
  return plainCodec({
    builder: named("STRING", "ZonedTimestamp"),
    packed: { form: "written", write: momentWriter(digits) },
    read: (row, from, to) => {
      const moment = readMoment(row, from, to);
      return moment === null ? row.latin1.substring(from, to) : `${momentText(moment, digits)}Z`;
    },
    fallback: "1970-01-01T00:00:00Z",
    functionDefault: "1970-01-01 00:00:00+00",
  });
}

export function zonedTimeCodec(): ValueCodec {
  return plainCodec({
    builder: named("STRING", "ZonedTime"),
    read: (row, from, to) => `${timeText(readZonedTimeMicros(row, from, to))}Z`,
    fallback: "00:00:00Z",
  });
}

export function intervalCodec(mode: ValueSettings["intervals"]): ValueCodec {
  const functionDefault = "00:00:00";
  if (mode === "string") {
    const builder = named("STRING", "Interval");
    return plainCodec({ builder, read: readIntervalText, fallback: "P0Y0M0DT0H0M0S", functionDefault });
  }
  return plainCodec({
    builder: named("INT64", "MicroDuration"),
    read: readIntervalMicros,
    fallback: 0,
    functionDefault,
  });
}

function connectDate(ms: number): Date {
  return new Date(Math.max(-LAST_DATE_MS, Math.min(LAST_DATE_MS, ms)));
}
