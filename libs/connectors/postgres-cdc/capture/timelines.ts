// Pure: which part of the log a server shares with the one that an offset is of.
import { parseLsn } from "../wire/messages.ts";

/** A server that is promoted goes on with a timeline of its own, from where its log ended. */
export interface Timelines {
  readonly current: number;
  /** Where those before it ended, by timeline. */
  readonly ends: ReadonlyMap<number, number>;
}

/** `history`: a line for each timeline before the current one, `1\t0/3000148\tno recovery target specified`. */
export function timelinesOf(current: number, history: string): Timelines {
  const lines = [...history.matchAll(/^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/gim)];
  return { current, ends: new Map(lines.map(([, timeline, end]) => [Number(timeline), parseLsn(end!)])) };
}

/** Where a reader of a slot is, and when it was there: null on the first timeline, or before that was stored. */
export interface Place {
  /** The log was read at least up to here. */
  readonly lsn: number;
  readonly timeline: number | null;
}

/**
 * The server has not had the log that leads to this place, but another one. What it did since would be taken for what was handed over
 * before.
 *
 * Without a timeline, what the slot was confirmed up to decides: it is confirmed further than the end of a timeline only by who has
 * read what follows.
 */
export function isForked({ lsn, timeline }: Place, slotLsn: number, { current, ends }: Timelines): boolean {
  if (timeline === current) return false;
  if (timeline !== null) {
    const end = ends.get(timeline);
    return end === undefined || lsn > end;
  }
  return [...ends.values()].some((end) => slotLsn <= end && lsn > end);
}
