import type { Bus } from "@millrace/bus";
import { connectorCleanUp, connectorSettle, definedConfig, isProtocolError } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import { type CleanUp, type ConfigStore, cleanUpsMax } from "./store.ts";

export interface CleanUpsDeps {
  readonly bus: Bus;
  readonly store: ConfigStore;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs" | "sleep">;
  readonly logger: CleanUpsLogger;
}

export interface CleanUpsLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Between two looks for what others left undone: those who were killed, or could not reach a runner. */
const SWEEP_MS = 30_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
/** Failures of a plugin after which its connector is forgotten: about a quarter of an hour. */
const FAILURES_MAX = 20;
const AT_A_TIME = 4;
/** Beside the time that tasks have to stop. */
const SETTLE_TIMEOUT_MS = 60_000;
const CLEAN_UP_TIMEOUT_MS = 70_000;

interface Tried {
  readonly failures: number;
  /** By the monotonic clock. */
  readonly notBeforeMs: number;
  readonly waitMs: number;
}

/**
 * Has runners remove what deleted connectors left outside. The tombstone keeps the last config until that is done, so a
 * service that dies at any point leaves it to the next; therefore a plugin may be asked twice. A deletion never waits for it.
 *
 *   deleted (config kept) ─▶ tasks gone ─▶ plugin asked ─▶ done ─▶ config forgotten
 *                                   ▲           │ failed          ▲
 *                                   └── waits ◀─┴── 20 times ─────┘
 */
export class CleanUps {
  readonly #deps: CleanUpsDeps;
  readonly #ended = new AbortController();
  readonly #tried = new Map<string, Tried>();
  /** Deleted by this service just now; others are left for the sweep, as the service that deleted them is at it. */
  readonly #mine = new Set<string>();
  #seen: ReadonlySet<string> = new Set();
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(deps: CleanUpsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** A connector of this name was deleted here. */
  deleted(name: string): void {
    this.#mine.add(name);
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#ended.signal.aborted) {
      this.#wake = new AbortController();
      const nextMs = await this.#sweep();
      const waking = AbortSignal.any([this.#wake.signal, this.#ended.signal]);
      await clock.sleep(Math.max(0, nextMs), waking).catch(() => {});
    }
  }

  /** @returns after how long to look again. */
  async #sweep(): Promise<number> {
    const { store, clock } = this.#deps;
    // Unreachable: the next look will tell.
    const pending = await store.cleanUps().catch((): CleanUp[] => []);
    const key = ({ name, version }: CleanUp) => `${version} ${name}`;
    const left = new Set(pending.map(key));
    for (const tried of this.#tried.keys()) if (!left.has(tried)) this.#tried.delete(tried);
    const mine = (each: CleanUp) =>
      this.#mine.has(each.name) || this.#seen.has(key(each)) || this.#tried.has(key(each));
    const due = pending.filter(
      (each) => mine(each) && (this.#tried.get(key(each))?.notBeforeMs ?? 0) <= clock.monotonicMs(),
    );
    for (const { name } of due) this.#mine.delete(name);
    for (let at = 0; at < due.length && !this.#ended.signal.aborted; at += AT_A_TIME) {
      await Promise.all(due.slice(at, at + AT_A_TIME).map((each) => this.#cleanUp(each, key(each))));
    }
    this.#seen = left;
    // There may be more behind these; those that failed are not due again at once.
    if (due.length > 0 && pending.length === cleanUpsMax) return 0;
    const waits = [...this.#tried.values()].map(({ notBeforeMs }) => notBeforeMs - clock.monotonicMs());
    return Math.min(SWEEP_MS, ...waits);
  }

  async #cleanUp(pending: CleanUp, key: string): Promise<void> {
    const { logger } = this.#deps;
    const { name } = pending;
    try {
      await this.#settled(name);
      if (await this.#askRunner(pending)) logger.info("Cleaned up after a deleted connector", { connector: name });
      await this.#forget(pending);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      const failures = (this.#tried.get(key)?.failures ?? 0) + (isPluginsOwn(error) ? 1 : 0);
      if (failures >= FAILURES_MAX) {
        logger.warn("Gave up cleaning up after a deleted connector: what it left outside has to be removed by hand", {
          connector: name,
          error,
        });
        await this.#forget(pending).catch(() => {});
        return;
      }
      const waitMs = Math.min(RETRY_MS_MAX, (this.#tried.get(key)?.waitMs ?? RETRY_MS_MIN / 2) * 2);
      this.#tried.set(key, { failures, waitMs, notBeforeMs: this.#deps.clock.monotonicMs() + waitMs });
      logger.warn("Could not clean up after a deleted connector; trying again", {
        connector: name,
        inSeconds: waitMs / 1000,
        error,
      });
    }
  }

  #settled(name: string): Promise<unknown> {
    const { signal } = this.#ended;
    return this.#deps.bus.request(connectorSettle, { name, deleted: true }, { timeoutMs: SETTLE_TIMEOUT_MS, signal });
  }

  async #askRunner({ name, config }: CleanUp): Promise<boolean> {
    const question = { connector: name, config: definedConfig(config) };
    const options = { timeoutMs: CLEAN_UP_TIMEOUT_MS, signal: this.#ended.signal };
    return (await this.#deps.bus.request(connectorCleanUp, question, options)).cleansUp;
  }

  async #forget({ name, version }: CleanUp): Promise<void> {
    const { store, clock } = this.#deps;
    await store.apply({ kind: "cleaned", name, version }, clock.nowMs());
  }
}

/** A cluster without runners or a leader may be without them for days: that uses up no tries. */
function isPluginsOwn(error: unknown): boolean {
  return !isProtocolError(error) || !["UNAVAILABLE", "TIMEOUT", "CONFLICT"].includes(error.code);
}
