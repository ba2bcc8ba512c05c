import type { Bus } from "@millrace/bus";
import { isProtocolError, runnerAlive } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import { hearsNobody, type Members } from "./membership.ts";
import type { Member, SchedulerOptions } from "./model.ts";

export interface MissingRunnersDeps {
  readonly bus: Pick<Bus, "request" | "connected">;
  readonly clock: Clock;
  readonly options: Pick<SchedulerOptions, "sessionTimeoutMs">;
  readonly members: () => Members | null;
  /** It was not heard and is not connected any more. */
  readonly gone: (member: Member) => void;
}

interface Absence {
  readonly lastHeardMs: number;
  readonly sinceMs: number;
  /** When somebody else had been heard after that; null: nobody yet. */
  readonly othersMs: number | null;
}

/** Of a session: a silence after which a runner is asked, and for how long it has to be away while others are heard. */
const ASK_AFTER = 0.3;
const SURE_AFTER = 0.2;
const LOOK_INTERVAL_MS = 250;
const ANSWER_TIMEOUT_MS = 1_000;

/**
 * Finds runners that ended without a goodbye before their session is over. One that misses heartbeats is asked for itself; that
 * nobody listens there, while others are heard, means that its connection to the bus is gone: the bus knows at once when a process
 * dies. One that only does not answer may be busy, frozen or cut off, and keeps its session.
 */
export class MissingRunners {
  readonly #deps: MissingRunnersDeps;
  readonly #absent = new Map<string, Absence>();
  readonly #asking = new Set<string>();
  #stopTimer = () => {};

  constructor(deps: MissingRunnersDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopTimer = this.#deps.clock.every(LOOK_INTERVAL_MS, () => this.#look());
  }

  stop(): void {
    this.#stopTimer();
  }

  #look(): void {
    const { clock, options, members } = this.#deps;
    const nowMs = clock.monotonicMs();
    const known = members() ?? new Map<string, Member>();
    const isDeaf = hearsNobody(known, nowMs, options.sessionTimeoutMs);
    for (const runner of this.#absent.keys()) if (isDeaf || !known.has(runner)) this.#absent.delete(runner);
    for (const member of known.values()) {
      const silentMs = nowMs - member.lastHeardMs;
      if (member.left || silentMs < options.sessionTimeoutMs * ASK_AFTER || silentMs > options.sessionTimeoutMs)
        continue;
      if (!this.#asking.has(member.runner)) void this.#ask(member);
    }
  }

  async #ask(member: Member): Promise<void> {
    const { runner, lastHeardMs } = member;
    this.#asking.add(runner);
    const { bus } = this.#deps;
    const couldAsk = bus.connected();
    const isThere = await bus.request(runnerAlive(runner), {}, { timeoutMs: ANSWER_TIMEOUT_MS }).then(
      () => true,
      (error: unknown) => !isProtocolError(error) || error.code !== "UNAVAILABLE",
    );
    this.#asking.delete(runner);
    // Without a connection of its own this end is told the same as when nobody listens.
    if (!couldAsk || !bus.connected()) {
      this.#absent.delete(runner);
      return;
    }
    const nowMs = this.#deps.clock.monotonicMs();
    const before = this.#absent.get(runner);
    if (isThere) this.#absent.delete(runner);
    else if (before?.lastHeardMs !== lastHeardMs) {
      this.#absent.set(runner, { lastHeardMs, sinceMs: nowMs, othersMs: null });
    } else if (before.othersMs === null) {
      if (this.#isHeardSince(before.sinceMs)) this.#absent.set(runner, { ...before, othersMs: nowMs });
    } else if (nowMs - before.othersMs >= this.#deps.options.sessionTimeoutMs * SURE_AFTER) this.#deps.gone(member);
  }

  /** Then this end of the bus is well. */
  #isHeardSince(sinceMs: number): boolean {
    return [...(this.#deps.members()?.values() ?? [])].some(({ lastHeardMs }) => lastHeardMs > sinceMs);
  }
}
