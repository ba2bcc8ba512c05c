import { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import { SimulatedClock } from "./simulated-clock.ts";
import type { Timeline } from "./timeline.ts";

export interface SimulatedProcessOptions {
  readonly timeline: Timeline;
  /** Unique in the run: `runner-1#2`. */
  readonly id: string;
  readonly seed: number;
  /** How fast its clock is; 1 is right. */
  readonly clockRate: number;
}

/**
 * Somebody who can be stopped, and killed.
 *
 *   RUNNING ─pause─▶ PAUSED ─resume─▶ RUNNING     any ─kill─▶ DEAD
 *
 * All code of a process runs because somebody entered it: a timer, a message, an answer. So while it is paused whatever
 * wants to enter waits in line, and of a dead one nothing ever runs again, as after SIGSTOP and SIGKILL.
 */
export class SimulatedProcess {
  readonly id: string;
  readonly clock: SimulatedClock;
  readonly random: () => number;
  readonly #timeline: Timeline;
  #state: "RUNNING" | "PAUSED" | "DEAD" = "RUNNING";
  #waiting: (() => void)[] = [];
  #deathWatch: (() => void)[] = [];
  /** Raised with each pause and each death: whoever waits to see whether one lasts compares. */
  stops = 0;

  constructor({ timeline, id, seed, clockRate }: SimulatedProcessOptions) {
    const random = new SeededRandom(seed);
    this.id = id;
    this.#timeline = timeline;
    this.random = () => random.next();
    this.clock = new SimulatedClock({ timeline, rate: clockRate, enter: (fn) => this.enter(fn) });
  }

  /** Its place, whatever the incarnation: `runner-1`. */
  get name(): string {
    return this.id.slice(0, this.id.indexOf("#"));
  }

  get isDead(): boolean {
    return this.#state === "DEAD";
  }

  get isPaused(): boolean {
    return this.#state === "PAUSED";
  }

  get isRunning(): boolean {
    return this.#state === "RUNNING";
  }

  /** Of timers and answers that wait for it to be resumed. */
  get waiting(): number {
    return this.#waiting.length;
  }

  enter(fn: () => void): void {
    if (this.#state === "RUNNING") fn();
    else if (this.#state === "PAUSED") this.#waiting.push(fn);
  }

  /** Settles as `outcome` does, inside this process. */
  hear<T>(outcome: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      outcome.then(
        (value) => this.enter(() => resolve(value)),
        (error) => this.enter(() => reject(error)),
      );
    });
  }

  /** Calls code of this process from outside. */
  ask<T>(call: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.enter(() => {
        (async () => call())().then(resolve, reject);
      });
    });
  }

  pause(): void {
    if (this.#state !== "RUNNING") return;
    this.#state = "PAUSED";
    this.stops++;
  }

  /** Everything that waited happens now, in order, before anything that comes later. */
  resume(): void {
    if (this.#state !== "PAUSED") return;
    this.#state = "RUNNING";
    for (const fn of this.#waiting.splice(0)) this.#timeline.after(0, () => this.enter(fn));
  }

  kill(): void {
    if (this.#state === "DEAD") return;
    this.#state = "DEAD";
    this.stops++;
    this.#waiting = [];
    for (const told of this.#deathWatch.splice(0)) told();
  }

  onDeath(told: () => void): void {
    this.#deathWatch.push(told);
  }
}
