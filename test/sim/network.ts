import type { Passage } from "@millrace/bus";
import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import type { Journal } from "./journal.ts";
import type { Timeline } from "./timeline.ts";

/** What becomes of messages between services, as probabilities. */
export interface Weather {
  readonly lost: number;
  readonly doubled: number;
  /** Delayed by up to `lateMaxMs`, and so overtaken. */
  readonly late: number;
  readonly lateMaxMs: number;
}

export const FAIR: Weather = { lost: 0, doubled: 0, late: 0, lateMaxMs: 0 };

const LATENCY_MAX_MS = 3;
/** Never at once: each arrival is an event of its own. */
const LATENCY_MIN_MS = 0.05;

export interface NetworkOptions {
  readonly timeline: Timeline;
  readonly journal: Journal;
  readonly random: SeededRandom;
  /** Of a connection, by its name. */
  readonly isDead: (connection: string) => boolean;
}

/** Between the services: which messages get through, how late, how often. Names are those of places, `runner-1`. */
export class Network {
  readonly #options: NetworkOptions;
  /** `from>to`, how many cuts. */
  readonly #cuts = new Map<string, number>();
  weather: Weather = FAIR;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** One way. `*` is everybody. @returns heals it. */
  cut(from: string, to: string): () => void {
    const key = `${from}>${to}`;
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1);
    let isHealed = false;
    return () => {
      if (isHealed) return;
      isHealed = true;
      this.#cuts.set(key, this.#cuts.get(key)! - 1);
    };
  }

  /** For the hub that carries the messages. */
  readonly filter = (passage: Passage): readonly number[] => {
    const { timeline, journal } = this.#options;
    const delays = this.#delays(passage);
    const { kind, subject, from, to } = passage;
    const how = delays.map((delayMs) => delayMs.toFixed(3)).join(" and ") || "lost";
    journal.say(timeline.nowMs, from, `${kind} ${subject} to ${to}, ${how}`);
    return delays;
  };

  /** How late something arrives that a connection sends now; null: it does not. */
  delayMs(from: string, to: string): number | null {
    return this.#delays({ from, to })[0] ?? null;
  }

  #delays({ from, to }: Pick<Passage, "from" | "to">): readonly number[] {
    const { random, isDead } = this.#options;
    const { lost, doubled, late, lateMaxMs } = this.weather;
    if (isDead(from) || isDead(to) || this.#isCut(placeOf(from), placeOf(to))) return [];
    if (lost > 0 && random.next() < lost) return [];
    const delay = () => {
      const extraMs = late > 0 && random.next() < late ? random.next() * lateMaxMs : 0;
      return LATENCY_MIN_MS + random.next() * LATENCY_MAX_MS + extraMs;
    };
    return doubled > 0 && random.next() < doubled ? [delay(), delay()] : [delay()];
  }

  #isCut(from: string, to: string): boolean {
    if (this.#cuts.size === 0) return false;
    const keys = [`${from}>${to}`, `${from}>*`, `*>${to}`];
    return keys.some((key) => (this.#cuts.get(key) ?? 0) > 0);
  }
}

/** `runner-1#2` is at `runner-1`. */
function placeOf(connection: string): string {
  const at = connection.indexOf("#");
  return at < 0 ? connection : connection.slice(0, at);
}
