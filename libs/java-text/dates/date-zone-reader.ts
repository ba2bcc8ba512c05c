// Pure: time zones in texts: offsets and names.
import { Field } from "./calendar-fields.ts";
import { digitAt } from "./date-number.ts";
import type { Reading } from "./date-reader.ts";
import { startsIgnoringCase, zoneNamedAt } from "./time-zone.ts";

/** `z` and `Z`: `+hhmm`, `GMT+h:mm` or a name. Where it ends, or -1. */
export function readZone(text: string, start: number, at: number, reading: Reading): number {
  const sign = signAt(text, at);
  if (sign !== 0) return readOffset(text, at + 1, { sign, hourDigits: 2, minutes: "joined" }, reading);
  if (/[Gg]/.test(text[at]!) && startsIgnoringCase(text, start, "GMT")) return readGmt(text, start + 3, reading);
  return readZoneName(text, at, reading);
}

/** `X`: `Z`, or as many of `+hh`, `mm` and `:mm` as there are letters. */
export function readIsoZone(text: string, at: number, count: number, reading: Reading): number {
  if (text[at] === "Z") {
    setOffset(reading, 0);
    return at + 1;
  }
  const sign = signAt(text, at);
  if (sign === 0) return -1;
  const minutes = ([null, "none", "joined", "after colon"] as const)[count]!;
  return readOffset(text, at + 1, { sign, hourDigits: 2, minutes }, reading);
}

function readGmt(text: string, at: number, reading: Reading): number {
  const sign = signAt(text, at);
  if (sign !== 0) return readOffset(text, at + 1, { sign, hourDigits: 1, minutes: "after colon" }, reading);
  setOffset(reading, 0);
  return at;
}

function signAt(text: string, at: number): -1 | 0 | 1 {
  if (text[at] === "+") return 1;
  return text[at] === "-" ? -1 : 0;
}

interface OffsetForm {
  readonly sign: -1 | 1;
  /** At least. */
  readonly hourDigits: 1 | 2;
  readonly minutes: "none" | "joined" | "after colon";
}

function readOffset(text: string, start: number, { sign, hourDigits, minutes }: OffsetForm, reading: Reading): number {
  let at = start;
  let hours = digitAt(text, at, text.length);
  if (!isAsciiDigit(text[at++])) return -1;
  if (isAsciiDigit(text[at])) hours = hours * 10 + Number(text[at++]);
  else if (hourDigits === 2 || at >= text.length) return -1;
  if (hours > 23) return -1;
  let minute = 0;
  if (minutes !== "none") {
    if (minutes === "after colon" && text[at++] !== ":") return -1;
    if (!isAsciiDigit(text[at]) || !isAsciiDigit(text[at + 1])) return -1;
    minute = Number(text.slice(at, at + 2));
    at += 2;
    if (minute > 59) return -1;
  }
  setOffset(reading, sign * (hours * 60 + minute) * 60_000);
  return at;
}

function isAsciiDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

function setOffset({ fields }: Reading, offsetMs: number): void {
  fields.set(Field.ZONE_OFFSET, offsetMs);
  fields.set(Field.DST_OFFSET, 0);
}

/** Standard or daylight time as the name says it, even where the other one was in force. */
function readZoneName(text: string, at: number, reading: Reading): number {
  const found = zoneNamedAt(text, at, reading.zone);
  if (found === null) return -1;
  const { zone, index } = found;
  reading.zone = zone;
  const name = zone.names[index]!;
  const saysDaylight = index >= 2;
  const isSameName = !saysDaylight && name.toUpperCase() === zone.names[index + 2]!.toUpperCase();
  if (!isSameName && !(saysDaylight && zone.daylightMs === 0)) {
    reading.fields.clear(Field.ZONE_OFFSET);
    reading.fields.set(Field.DST_OFFSET, saysDaylight ? zone.daylightMs : 0);
  }
  return at + name.length;
}
