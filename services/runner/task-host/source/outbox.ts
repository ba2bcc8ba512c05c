import type { EncodedRecord } from "./delivery.ts";
import { HeldRecords } from "./held-records.ts";
import type { RecordSender } from "./refused-records.ts";

/** With more than either held, `room` waits (I8). */
export interface HeldMax {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

export interface OutboxDeps {
  readonly producer: RecordSender;
  readonly held: HeldMax;
  /** A record was queued in the producer. */
  readonly sent: () => void;
  /** Nothing is held any more. */
  readonly emptied: () => void;
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Passes records on to the producer in order, or holds them while it must not get any (a commit is on its way) or its
 * queue is full.
 *
 *   SHUT ──open──▶ OPEN ──shut──▶ SHUT     OPEN ──queue full──▶ WAITING ──drained──▶ OPEN     any ──close──▶ CLOSED
 */
export class Outbox {
  #deps: OutboxDeps;
  readonly #held = new HeldRecords();
  #state: "OPEN" | "SHUT" | "WAITING" | "CLOSED" = "SHUT";
  #waiters: (() => void)[] = [];

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  get empty(): boolean {
    return this.#held.empty;
  }

  add(record: EncodedRecord): void {
    if (this.#state === "OPEN" && this.#send(record)) return;
    this.#held.push(record);
  }

  shut(): void {
    if (this.#state !== "CLOSED") this.#state = "SHUT";
  }

  open(): void {
    if (this.#state === "CLOSED") return;
    this.#state = "OPEN";
    this.#moveHeld();
  }

  /** Undefined while there is room; else resolves when everything held has moved on. */
  room(): Promise<void> | undefined {
    const { recordsMax, bytesMax } = this.#deps.held;
    if (this.#held.bytes < bytesMax && this.#held.count < recordsMax) return undefined;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when nothing is held, or it was closed. */
  async whenEmpty(): Promise<void> {
    if (this.empty || this.#state === "CLOSED") return;
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Drops what is held and wakes everyone who waits. */
  close(): void {
    this.#state = "CLOSED";
    this.#held.clear();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #moveHeld(): void {
    if (!this.#held.sendTo(this.#deps.producer, this.#deps.sent)) {
      this.#wait();
      return;
    }
    this.#held.clear();
    this.#wake();
    this.#deps.emptied();
  }

  /** false: the producer's queue is full; goes on by itself when it has drained. */
  #send(record: EncodedRecord): boolean {
    const { producer, sent } = this.#deps;
    const { topic, partition, value, key, timestampMs, headers } = record;
    if (producer.send(topic, partition, value, key, timestampMs, headers)) {
      sent();
      return true;
    }
    this.#wait();
    return false;
  }

  #wait(): void {
    this.#state = "WAITING";
    void this.#waitForRoom();
  }

  async #waitForRoom(): Promise<void> {
    try {
      await this.#deps.producer.drained(this.#deps.signal);
      if (this.#state === "WAITING") this.open();
    } catch (error) {
      this.#deps.failed(error);
    }
  }
}
