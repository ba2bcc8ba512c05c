// Pure: instants as the text of a date and time in a time zone.

const MINUTE_MS = 60_000;
/** All offsets of today's zones change at such moments. */
const STEP_MS = 15 * MINUTE_MS;
const KEPT_MAX = 10_000;

/** Writes instants (milliseconds since the epoch) as they are in one time zone. */
export class ZonedText {
  readonly #format: Intl.DateTimeFormat | null;
  readonly #offsets = new Map<number, number>();

  constructor(timeZone: string) {
    const isUtc = ["UTC", "GMT", "Z", "Etc/UTC"].includes(timeZone);
    this.#format = isUtc ? null : new Intl.DateTimeFormat("en-US", { timeZone, ...FIELDS });
  }

  /** `2026-11-21 17:05:00.123`; years before 1 with BC. */
  timestamp(ms: number): string {
    return isoText(ms + this.#offsetMs(ms));
  }

  /** With the zone's offset behind it: `2026-11-21 18:05:00.123+01:00`. */
  timestampWithOffset(ms: number): string {
    const offsetMs = this.#offsetMs(ms);
    const minutes = Math.abs(Math.trunc(offsetMs / MINUTE_MS));
    const two = (n: number) => String(n).padStart(2, "0");
    const offset = `${offsetMs < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
    const text = isoText(ms + offsetMs);
    return text.endsWith(" BC") ? `${text.slice(0, -3)}${offset} BC` : text + offset;
  }

  /** `2026-11-21` */
  date(ms: number): string {
    const text = this.timestamp(ms);
    const day = text.slice(0, text.indexOf(" "));
    return text.endsWith(" BC") ? `${day} BC` : day;
  }

  /** `17:05:00.123` */
  time(ms: number): string {
    const text = this.timestamp(ms);
    const at = text.indexOf(" ") + 1;
    return text.slice(at, at + 12);
  }

  #offsetMs(ms: number): number {
    if (this.#format === null) return 0;
    const step = Math.floor(ms / STEP_MS);
    let offset = this.#offsets.get(step);
    if (offset === undefined) {
      if (this.#offsets.size >= KEPT_MAX) this.#offsets.clear();
      offset = zoneOffsetMs(this.#format, step * STEP_MS);
      this.#offsets.set(step, offset);
    }
    return offset;
  }
}

const FIELDS: Intl.DateTimeFormatOptions = {
  era: "short",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
};

function zoneOffsetMs(format: Intl.DateTimeFormat, ms: number): number {
  const parts = new Map(format.formatToParts(new Date(ms)).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  const year = parts.get("era") === "BC" ? 1 - number("year") : number("year");
  const local = new Date(0);
  local.setUTCFullYear(year, number("month") - 1, number("day"));
  local.setUTCHours(number("hour"), number("minute"), number("second"));
  return local.getTime() - ms;
}

function isoText(ms: number): string {
  const text = new Date(ms).toISOString();
  if (text.length === 24) return text.replace("T", " ").slice(0, 23);
  const sign = text[0];
  const [year = "", rest = ""] = [text.slice(1, 7), text.slice(7)];
  const plain = rest.replace("T", " ").slice(0, -1);
  if (sign === "-") return `${String(Number(year) + 1).padStart(4, "0")}${plain} BC`;
  return `${Number(year)}${plain}`;
}
