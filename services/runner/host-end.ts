// Pure: why a task host ended, in words for statuses and logs.

/** What a host whose event loop stands still was found doing. */
export interface Doing {
  /** Key of the work, or what else it was; null: the runtime itself, or nobody knows. */
  readonly key: string | null;
  /** Which call of the plugin, such as `poll`, or `transform com.example.Mask`. */
  readonly call: string | null;
  /** Innermost first: `name (file:line:column)`. */
  readonly frames: readonly string[];
}

export interface HostEnd {
  /** In a line. */
  readonly reason: string;
  readonly frames: readonly string[];
  /** Key of the work at fault, as far as anybody has seen. */
  readonly culprit: string | null;
  /**
   * - `crashed`: by the doing of what ran there, or a fault of the runtime.
   * - `blocked`: its event loop stood still, so it was ended.
   * - `killed`: from outside, by SIGKILL, or by a plugin that it loaded.
   * - `retired`: the runner has no use for it.
   */
  readonly kind: "crashed" | "blocked" | "killed" | "retired";
}

const FRAMES_MAX = 8;

/** It ended without our doing. */
export function endedByItself(reason: string, signal: string | null): HostEnd {
  return { reason, frames: [], culprit: null, kind: signal === "SIGKILL" ? "killed" : "crashed" };
}

/** By something that has nothing to do with the work that was there. */
export function killedEnd(reason: string): HostEnd {
  return { reason, frames: [], culprit: null, kind: "killed" };
}

export function retired(reason: string): HostEnd {
  return { reason, frames: [], culprit: null, kind: "retired" };
}

/** Its event loop stood still for too long. */
export function blockedEnd(blockedMs: number, doing: Doing | null): HostEnd {
  const reason = `its event loop was blocked for more than ${blockedMs} ms (millrace.task.host.blocked.ms)`;
  return { ...seenDoing(reason, doing), kind: "blocked" };
}

/** It did not answer when work was to be stopped. */
export function silentEnd(key: string, doing: Doing | null): HostEnd {
  return { ...seenDoing(`it did not answer when ${key} was to be stopped`, doing), kind: "blocked" };
}

function seenDoing(reason: string, doing: Doing | null): Pick<HostEnd, "reason" | "frames" | "culprit"> {
  if (doing === null) return { reason, frames: [], culprit: null };
  const place = doing.key === null ? "" : ` by ${doing.key}`;
  const call = doing.call === null ? "" : ` in ${doing.call}`;
  return { reason: `${reason}${place}${call}`, frames: doing.frames.slice(0, FRAMES_MAX), culprit: doing.key };
}

/** Of work that ran there: as a status shows it. */
export function traceOfEnd({ reason, frames }: HostEnd): string {
  return [`The task host ended: ${reason}`, ...frames.map((frame) => `\tat ${frame}`)].join("\n");
}
