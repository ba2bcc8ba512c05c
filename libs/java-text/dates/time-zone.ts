// Pure: time zones by the names that Java prints and reads.
import { DAY_MS } from "./calendar-day.ts";
import { ZONE_NAMES } from "./zone-names.ts";

/** In milliseconds; daylight comes on top of standard. */
export interface Offsets {
  readonly standard: number;
  readonly daylight: number;
}

export interface TimeZone {
  readonly id: string;
  /** Standard time, its abbreviation, daylight time, its abbreviation. */
  readonly names: readonly string[];
  /** How far daylight time is ahead nowadays; 0 where there is none. */
  readonly daylightMs: number;
  offsetsAt(epochMs: number): Offsets;
  /** For a local time. One that the clocks skip or show twice is taken for standard time. */
  offsetsAtWall(wallMs: number): Offsets;
}

export const NO_OFFSETS: Offsets = { standard: 0, daylight: 0 };

export const UTC: TimeZone = {
  id: "UTC",
  names: ["Coordinated Universal Time", "UTC", "Coordinated Universal Time", "UTC"],
  daylightMs: 0,
  offsetsAt: () => NO_OFFSETS,
  offsetsAtWall: () => NO_OFFSETS,
};

interface ZoneName {
  readonly zone: TimeZone;
  /** In `zone.names`: 2 and 3 are daylight time. */
  readonly index: number;
}

/** The zone whose name stands at `at`, in any case. `current` is asked first, then UTC, then all in Java's order. */
export function zoneNamedAt(text: string, at: number, current: TimeZone): ZoneName | null {
  return nameAt(text, at, current) ?? nameAt(text, at, UTC) ?? firstNameAt(text, at);
}

function firstNameAt(text: string, at: number): ZoneName | null {
  for (const zone of allZones()) {
    const found = nameAt(text, at, zone);
    if (found !== null) return found;
  }
  return null;
}

function nameAt(text: string, at: number, zone: TimeZone): ZoneName | null {
  const index = zone.names.findIndex((name) => startsIgnoringCase(text, at, name));
  return index < 0 ? null : { zone, index };
}

export function startsIgnoringCase(text: string, at: number, start: string): boolean {
  const first = text.charCodeAt(at);
  if (first < 0x80 && ((first ^ start.charCodeAt(0)) & ~0x20) !== 0) return false;
  return text.length - at >= start.length && text.substr(at, start.length).toUpperCase() === start.toUpperCase();
}

let zones: readonly TimeZone[] | null = null;

function allZones(): readonly TimeZone[] {
  zones ??= ZONE_NAMES.trim()
    .split("\n")
    .map((row) => {
      const [id, ...names] = row.split("|");
      return id === UTC.id ? UTC : new NamedZone(id!, names.slice(0, 4), Number(names[4] ?? 0) * 60_000);
    });
  return zones;
}

const QUARTER_MS = 91 * DAY_MS;
/** Before 1900 a zone keeps the standard time it has now. */
const FIRST_RULE_MS = -2_208_988_800_000;
const NOWADAYS_MS = 1_704_067_200_000;
/** The calendar, and with it daylight time, repeats itself. */
const FOUR_CENTURIES_MS = 146_097 * DAY_MS;

/** An instant the JavaScript engine can be asked about, with the same offsets. */
function withinRules(epochMs: number): number {
  if (epochMs < FIRST_RULE_MS) return NOWADAYS_MS;
  return epochMs < FOUR_CENTURIES_MS ? epochMs : FOUR_CENTURIES_MS + (epochMs % FOUR_CENTURIES_MS);
}

function total({ standard, daylight }: Offsets): number {
  return standard + daylight;
}

/** By the rules the JavaScript engine has for the zone. */
class NamedZone implements TimeZone {
  readonly id: string;
  readonly names: readonly string[];
  readonly daylightMs: number;
  #clock: Intl.DateTimeFormat | null = null;

  constructor(id: string, names: readonly string[], daylightMs: number) {
    this.id = id;
    this.names = names;
    this.daylightMs = daylightMs;
  }

  /** The least offset within a year is the standard one. */
  offsetsAt(epochMs: number): Offsets {
    const instant = withinRules(epochMs);
    const total = this.#totalAt(instant);
    const quarters = [1, 2, 3].map((quarter) => this.#totalAt(instant + quarter * QUARTER_MS));
    const standard = Math.min(total, ...quarters);
    return { standard, daylight: epochMs < FIRST_RULE_MS ? 0 : total - standard };
  }

  offsetsAtWall(wallMs: number): Offsets {
    const before = total(this.offsetsAt(wallMs - DAY_MS));
    const after = total(this.offsetsAt(wallMs + DAY_MS));
    const late = this.offsetsAt(wallMs - Math.min(before, after));
    return before === after || total(late) === Math.min(before, after)
      ? late
      : this.offsetsAt(wallMs - Math.max(before, after));
  }

  #totalAt(epochMs: number): number {
    this.#clock ??= new Intl.DateTimeFormat("en-US", {
      timeZone: this.id,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    const seconds = Math.floor(epochMs / 1000) * 1000;
    const parts = new Map(this.#clock.formatToParts(seconds).map(({ type, value }) => [type, value]));
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const day = Date.UTC(number("year"), number("month") - 1, number("day"));
    return day + ((number("hour") * 60 + number("minute")) * 60 + number("second")) * 1000 - seconds;
  }
}
