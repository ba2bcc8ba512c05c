// Pure: what is to be done about the log that the server keeps for a slot.

export interface Retained {
  readonly retainedBytes: number;
  /** From where the slot is confirmed to the end of the log. */
  readonly behindBytes: number;
  readonly confirmed: string;
  /** `wal_status`. */
  readonly status: string;
}

export interface RetainedLimits {
  readonly warnBytes: number;
  readonly maxBytes: number;
}

export interface RetainedWal {
  readonly warns: boolean;
  /** What was warned of last; 0 when all is well again. */
  readonly warnedBytes: number;
  readonly exceeds: boolean;
  /** The log has gone on and the slot has not: a message in the log gives it something to be confirmed up to. */
  readonly nudges: boolean;
}

/** As much as a segment: below it a server frees nothing. */
const QUIET_BYTES = 16 * 2 ** 20;

/** @param last of the look before; null at first. */
export function retainedWal(
  now: Retained,
  last: Retained | null,
  warnedBytes: number,
  { warnBytes, maxBytes }: RetainedLimits,
): RetainedWal {
  const endangered = now.status === "unreserved" || now.status === "lost";
  const tooMuch = warnBytes > 0 && now.retainedBytes > warnBytes;
  const warns = (tooMuch && now.retainedBytes >= warnedBytes * 2) || (endangered && last?.status !== now.status);
  return {
    warns,
    warnedBytes: warns ? now.retainedBytes : tooMuch ? warnedBytes : 0,
    exceeds: maxBytes > 0 && now.retainedBytes > maxBytes,
    nudges: last !== null && last.confirmed === now.confirmed && now.behindBytes > QUIET_BYTES,
  };
}
