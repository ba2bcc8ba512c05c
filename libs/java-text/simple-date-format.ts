// Pure: java.text.SimpleDateFormat of Java 17, for en_US, beginning in UTC.
import { CalendarFields, type Instant } from "./dates/calendar-fields.ts";
import { parseDatePattern } from "./dates/date-pattern.ts";
import { DateReader, type Reading } from "./dates/date-reader.ts";
import { DateWriter } from "./dates/date-writer.ts";
import { UTC } from "./dates/time-zone.ts";
import { DateParseError } from "./text-errors.ts";

/** Two digit years are the hundred that began so many years ago. */
const CENTURY_BACK = 80;

export interface SimpleDateFormatOptions {
  /** "Now" for two digit years, in milliseconds since the epoch: they mean 80 years before to 20 years after it. */
  readonly nowMs: number;
}

/**
 * Lenient, as Java's is: the 32nd is the first of the next month, and a text may go on after what the pattern takes.
 * Years before 1582 are those of the Julian calendar. A zone's name in a text, "PST", stays in force for whatever is
 * formatted or parsed after it; an offset does not. Zones have the rules of the JavaScript engine.
 */
export class SimpleDateFormat {
  readonly pattern: string;
  readonly #writer: DateWriter;
  readonly #reader: DateReader;
  readonly #centuryStartMs: number;
  /** Formatted next, it is shown with the offset it was parsed with. */
  #lastByWeekYear: Instant | null = null;
  readonly #reading: Reading = { fields: new CalendarFields(), zone: UTC, ambiguousYear: false };

  /** @throws DatePatternError in Java's words. */
  constructor(pattern: string, { nowMs }: SimpleDateFormatOptions) {
    const parts = parseDatePattern(pattern);
    const start = new Date(nowMs);
    start.setUTCFullYear(start.getUTCFullYear() - CENTURY_BACK);
    this.pattern = pattern;
    this.#centuryStartMs = start.getTime();
    this.#writer = new DateWriter(parts);
    this.#reader = new DateReader(parts, start.getUTCFullYear());
  }

  /** @param epochMs a bigint where a number would not be exact. */
  format(epochMs: number | bigint): string {
    const parsed = this.#lastByWeekYear;
    this.#lastByWeekYear = null;
    return this.#writer.write(epochMs, this.#reading.zone, parsed?.epochMs === epochMs ? parsed.offsets : undefined);
  }

  /**
   * Milliseconds since the epoch; a bigint where a number would not be exact.
   * @throws DateParseError when the text does not begin as the pattern says.
   */
  parse(text: string): number | bigint {
    const epochMs = this.tryParse(text);
    if (epochMs === null) throw new DateParseError(`Unparseable date: "${text}"`);
    return epochMs;
  }

  /** The same, but null when the text does not begin as the pattern says. */
  tryParse(text: string): number | bigint | null {
    const reading = this.#reading;
    reading.fields.reset();
    reading.ambiguousYear = false;
    this.#lastByWeekYear = null;
    if (!this.#reader.read(text, reading)) return null;
    let instant = reading.fields.toInstant(reading.zone);
    if (reading.ambiguousYear && instant.epochMs < this.#centuryStartMs) {
      reading.fields.addYears(100);
      instant = reading.fields.toInstant(reading.zone);
    }
    if (instant.byWeekYear) this.#lastByWeekYear = instant;
    return instant.epochMs;
  }
}
