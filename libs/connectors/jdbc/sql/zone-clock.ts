// Pure: local times of a zone and instants.

export interface ZoneClock {
  /** Of a local time, in milliseconds as if it were UTC. */
  instantMs(localMs: number): number;
  localMs(instantMs: number): number;
}

const UTC: ZoneClock = { instantMs: (ms) => ms, localMs: (ms) => ms };

/** Local times that a change of the clock skips or repeats are taken as after the skip, or as the later of the two. */
export function zoneClock(zone: string): ZoneClock {
  if (zone === "UTC") return UTC;
  const format = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const localMs = (instantMs: number) => {
    const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    const year = parts.get("era") === "BC" ? 1 - number("year") : number("year");
    const date = new Date(0);
    date.setUTCFullYear(year, number("month") - 1, number("day"));
    date.setUTCHours(number("hour"), number("minute"), number("second"));
    return date.getTime() + (((instantMs % 1000) + 1000) % 1000);
  };
  const instantMs = (local: number) => {
    const guess = local - (localMs(local) - local);
    return local - (localMs(guess) - guess);
  };
  return { instantMs, localMs };
}
