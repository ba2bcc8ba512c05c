import type { Restarts } from "@millrace/protocol";
import { classifyFailure } from "./classify-failure.ts";
import type { HostEnvironment } from "./environment.ts";
import { freshHistory, nextRestart, type RestartHistory, type RestartSettings } from "./restart-policy.ts";

/** What statuses hold of a reason: many tasks may fail at once, and share a message. */
const REASON_CHARS_MAX = 200;

/** One task's or connector's restarts that nobody asked for: whether, when, and what its status tells of them. */
export class AutoRestarts {
  #env: Pick<HostEnvironment, "clock" | "random">;
  #settings: RestartSettings;
  #history: RestartHistory;
  #shown: Restarts | null;
  #runningSinceMs: number | null = null;

  /** @param before those of another host that ended with it. */
  constructor(env: HostEnvironment, before: Restarts | null, settings: Partial<RestartSettings> = {}) {
    const { autoRestart, autoRestartBackoffInitialMs, autoRestartBackoffMaxMs, autoRestartFatalMax } = env.worker;
    this.#env = env;
    this.#settings = {
      enabled: autoRestart,
      initialMs: autoRestartBackoffInitialMs,
      maxMs: autoRestartBackoffMaxMs,
      fatalMax: autoRestartFatalMax,
      ...settings,
    };
    this.#history = freshHistory(before?.count);
    this.#shown = before;
  }

  /** Of a report: nothing until there has been one. @param waiting whether the next is still to come. */
  shown(waiting: boolean): { readonly restarts?: Restarts } {
    if (this.#shown === null) return {};
    return { restarts: waiting ? this.#shown : { ...this.#shown, nextMs: null } };
  }

  /** Told each time: the first in an attempt counts. */
  running(): void {
    this.#runningSinceMs ??= this.#env.clock.monotonicMs();
  }

  /**
   * How long to wait before the next attempt; null: it stays FAILED.
   * @param hide takes out what config providers gave (I9).
   */
  failed(error: unknown, hide: (text: string) => string): number | null {
    const { clock, random } = this.#env;
    const nowMs = clock.monotonicMs();
    const failure = classifyFailure(error);
    const ranMs = this.#runningSinceMs === null ? 0 : nowMs - this.#runningSinceMs;
    this.#runningSinceMs = null;
    const failed = { class: failure.class, ranMs, nowMs, random: random() };
    const next = nextRestart(this.#history, failed, this.#settings);
    if (next === null) return null;
    this.#history = next.history;
    this.#shown = {
      count: next.history.count,
      reason: reasonOf(`${failure.class}: ${hide(messageOf(failure.error))}`),
      nextMs: clock.nowMs() + next.delayMs,
    };
    return next.delayMs;
  }
}

/** Node's error of several refused connections has a code and no message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return error.message || (typeof code === "string" ? code : error.name);
}

function reasonOf(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > REASON_CHARS_MAX ? `${line.slice(0, REASON_CHARS_MAX - 1)}…` : line;
}
