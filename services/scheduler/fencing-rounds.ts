import type { Bus, BusLogger } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import { fence } from "@millrace/protocol";
import { backoffMs, type Clock, type Random } from "@millrace/time";
import type { FencingRound } from "./generations.ts";

export interface FencingDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: BusLogger;
  readonly timeoutMs: number;
  /** The runner to ask; another than `except` where there is one. Throws when there is none. */
  readonly fencer: (except: string | null) => string;
  /** The round's producers are fenced. */
  readonly done: () => void;
}

interface Running {
  readonly round: FencingRound;
  readonly abort: AbortController;
}

const backoff = { initialMs: 250, maxMs: 5_000 };

/**
 * Fencing rounds on runners, one at a time per connector, each repeated until it succeeds or a newer generation needs another. One that
 * fails is repeated on another runner: the one that did not answer may stand still, and stay connected for minutes.
 */
export class FencingRounds {
  readonly #deps: FencingDeps;
  readonly #running = new Map<string, Running>();
  readonly #fenced = new Map<string, number>();

  constructor(deps: FencingDeps) {
    this.#deps = deps;
  }

  /** Connector → the generation for which its round has succeeded. */
  fenced(): ReadonlyMap<string, number> {
    return this.#fenced;
  }

  /** Those with a round under way, or one that has succeeded and was not yet made use of. */
  connectors(): Iterable<string> {
    return new Set([...this.#running.keys(), ...this.#fenced.keys()]);
  }

  /** Starts what is missing and abandons what is not in `rounds` any more. */
  reconcile(rounds: readonly FencingRound[]): void {
    const wanted = new Map(rounds.map((round) => [round.connector, round]));
    for (const [connector, { round, abort }] of this.#running) {
      if (wanted.get(connector)?.generation === round.generation) continue;
      abort.abort();
      this.#running.delete(connector);
    }
    for (const connector of this.#fenced.keys()) if (!wanted.has(connector)) this.#fenced.delete(connector);
    for (const round of wanted.values()) if (!this.#running.has(round.connector)) this.#start(round);
  }

  /** Asks anew for what is under way: who was asked may be gone. A round may be done twice. */
  repeat(): void {
    const rounds = [...this.#running.values()].map(({ round }) => round);
    for (const { abort } of this.#running.values()) abort.abort();
    this.#running.clear();
    for (const round of rounds) this.#start(round);
  }

  stop(): void {
    this.reconcile([]);
  }

  #start(round: FencingRound): void {
    const running = { round, abort: new AbortController() };
    this.#running.set(round.connector, running);
    void this.#run(round, running.abort.signal).then((isFenced) => {
      if (this.#running.get(round.connector) !== running) return;
      this.#running.delete(round.connector);
      if (!isFenced) return;
      this.#fenced.set(round.connector, round.generation);
      this.#deps.done();
    });
  }

  /** false: abandoned. */
  async #run({ connector, config, tasks, generation }: FencingRound, signal: AbortSignal): Promise<boolean> {
    const { bus, clock, random, logger, timeoutMs, fencer } = this.#deps;
    let runner: string | null = null;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        failPoint("scheduler.fence.before");
        runner = fencer(runner);
        await bus.request(fence(runner), { connector, config, tasks }, { timeoutMs, signal });
        failPoint("scheduler.fence.after");
        return !signal.aborted;
      } catch (error) {
        if (signal.aborted) break;
        logger.warn("Failed to perform round of zombie fencing; its tasks wait until one succeeds", {
          connector,
          generation,
          runner,
          attempt,
          error,
        });
        await clock.sleep(backoffMs(attempt, backoff, random()), signal).catch(() => {});
      }
    }
    return false;
  }
}
