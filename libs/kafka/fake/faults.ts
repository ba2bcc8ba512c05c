import type { Clock } from "@millrace/time";
import { KafkaError, type KafkaErrorKind } from "../errors.ts";

export type FaultPoint =
  | "connect"
  | "deliver"
  | "flush"
  | "initTransactions"
  | "beginTransaction"
  | "commitTransaction"
  | "abortTransaction"
  | "poll"
  | "commitOffsets"
  | "admin";

export interface Fault {
  /** Whether the call has taken effect when it fails: `after` is an answer that got lost. */
  readonly when: "before" | "after";
  readonly kind: KafkaErrorKind;
  readonly code?: string;
}

interface Planned {
  readonly point: FaultPoint;
  readonly about: string;
  readonly fault: Fault | null;
  readonly delayMs: number;
}

/** What a test plans to go wrong. Each plan hits one call, the next whose `about` (transactional id, group or topic) holds the given text. */
export class Faults {
  readonly #clock: Clock;
  #planned: Planned[] = [];
  #fullQueues: { about: string; times: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  failNext(point: FaultPoint, fault: Fault, about = ""): void {
    this.#planned.push({ point, about, fault, delayMs: 0 });
  }

  delayNext(point: FaultPoint, delayMs: number, about = ""): void {
    this.#planned.push({ point, about, fault: null, delayMs });
  }

  /** The next `times` sends find the local queue full. */
  fillQueue(times: number, about = ""): void {
    this.#fullQueues.push({ about, times });
  }

  /** Drops the plans that have not hit anything yet. */
  forget(): void {
    this.#planned = [];
    this.#fullQueues = [];
  }

  /** Plans that have not hit anything yet. */
  get pending(): number {
    return this.#planned.length + this.#fullQueues.length;
  }

  queueIsFull(about: string): boolean {
    if (this.#fullQueues.length === 0) return false;
    const full = this.#fullQueues.find((plan) => about.includes(plan.about));
    if (!full) return false;
    if (--full.times === 0) this.#fullQueues = this.#fullQueues.filter((plan) => plan !== full);
    return true;
  }

  /** Performs `effect`, wrapped in what was planned for it. */
  async run<T>(point: FaultPoint, about: string, effect: () => T | Promise<T>): Promise<T> {
    for (let delay = this.#take(point, about, false); delay; delay = this.#take(point, about, false)) {
      await this.#clock.sleep(delay.delayMs);
    }
    const fault = this.take(point, about);
    if (fault?.when === "before") throw toError(fault, point, about);
    const value = await effect();
    if (fault) throw toError(fault, point, about);
    return value;
  }

  /** For effects that are not calls: the planned fault, used up. */
  take(point: FaultPoint, about: string): Fault | null {
    return this.#take(point, about, true)?.fault ?? null;
  }

  #take(point: FaultPoint, about: string, failing: boolean): Planned | null {
    const matches = (plan: Planned) =>
      plan.point === point && (plan.fault !== null) === failing && about.includes(plan.about);
    const planned = this.#planned.find(matches);
    if (!planned) return null;
    this.#planned = this.#planned.filter((plan) => plan !== planned);
    return planned;
  }
}

function toError({ kind, code }: Fault, point: FaultPoint, about: string): KafkaError {
  return new KafkaError(`injected fault: ${point} (${about})`, { kind, code: code ?? "_FAULT" });
}
