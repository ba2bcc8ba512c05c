import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { Timeline } from "./timeline.ts";

export interface ServerLinkOptions {
  readonly timeline: Timeline;
  readonly process: SimulatedProcess;
  readonly random: SeededRandom;
  /** Of one way, as long as nothing is slow. */
  readonly latencyMaxMs: number;
}

/** How a call fails that got no answer in time. */
export interface Lateness {
  readonly timeoutMs: number;
  /** It never reached the server. */
  readonly unsent: () => Error;
  /** It was carried out; the answer is missing. Nobody but the simulation knows the difference. */
  readonly unanswered: () => Error;
}

type Fate = "unsent" | "unanswered";

/**
 * The way from one process to one server (Kafka, Postgres) and back. Requests under way when the process dies may still
 * arrive; answers to it are lost.
 */
export class ServerLink {
  readonly #options: ServerLinkOptions;
  #cuts = 0;
  #healed: (() => void)[] = [];
  #fates: Fate[] = [];
  /** Further delay of each way, at most. */
  slowMs = 0;
  /** Calls that have not been answered. */
  underWay = 0;

  constructor(options: ServerLinkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#cuts === 0;
  }

  cut(): void {
    this.#cuts++;
  }

  heal(): void {
    if (this.#cuts === 0 || --this.#cuts > 0) return;
    for (const go of this.#healed.splice(0)) go();
  }

  /** The next call fails at once. */
  failNext(fate: Fate): void {
    this.#fates.push(fate);
  }

  /** Performs `effect` at the server and brings the answer back into the process. */
  call<T>(effect: () => T | Promise<T>, lateness: Lateness): Promise<T> {
    return this.#options.process.hear(this.#call(effect, lateness));
  }

  async #call<T>(effect: () => T | Promise<T>, { timeoutMs, unsent, unanswered }: Lateness): Promise<T> {
    const { timeline, process, random } = this.#options;
    const fate = this.#fates.shift();
    const deadlineMs = timeline.nowMs + timeoutMs;
    this.underWay++;
    try {
      await timeline.sleep(this.#latencyMs());
      if (fate === "unsent" || !(await this.#upBy(deadlineMs))) throw unsent();
      if (process.isDead && random.next() < 0.5) return await never();
      const value = await effect();
      await timeline.sleep(this.#latencyMs());
      if (fate === "unanswered" || !(await this.#upBy(deadlineMs))) throw unanswered();
      return value;
    } finally {
      this.underWay--;
    }
  }

  #latencyMs(): number {
    const { random, latencyMaxMs } = this.#options;
    return random.next() * (latencyMaxMs + this.slowMs);
  }

  /** Resolves when the way is open; false when it was not in time. */
  async #upBy(deadlineMs: number): Promise<boolean> {
    const { timeline } = this.#options;
    while (!this.isUp) {
      const leftMs = deadlineMs - timeline.nowMs;
      if (leftMs <= 0) return false;
      await new Promise<void>((resolve) => {
        const cancel = timeline.after(leftMs, resolve);
        this.#healed.push(() => {
          cancel();
          resolve();
        });
      });
    }
    return true;
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
