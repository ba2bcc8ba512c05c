// Pure: operations that wait to be sent, and which of them go into the next request.
import type { Operation } from "../documents/operation.ts";

/** An operation with whoever is told what became of it. */
export interface Write<T> {
  readonly operation: Operation;
  readonly bytes: number;
  readonly owner: T;
}

export interface BatchLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

/** First in, first out, except for operations that wait for earlier ones on their document. */
export class WaitingWrites<T> {
  readonly #limits: BatchLimits;
  #waiting: Write<T>[] = [];
  #bytes = 0;
  /** Of those that wait, what is known to be held back by documents on their way. */
  #heldCount = 0;
  #heldBytes = 0;
  /** Documents on their way, and how many operations on each. */
  readonly #busy = new Map<string, number>();

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** All that wait are held back: only `landed` can change that. */
  get held(): boolean {
    return this.#heldCount === this.#waiting.length;
  }

  /** A full request can be made. */
  get full(): boolean {
    const { recordsMax, bytesMax } = this.#limits;
    return this.#waiting.length - this.#heldCount >= recordsMax || this.#bytes - this.#heldBytes >= bytesMax;
  }

  add(write: Write<T>): void {
    const { document, waits } = write.operation;
    this.#waiting.push(write);
    this.#bytes += write.bytes;
    if (!waits || document === null || !this.#busy.has(document)) return;
    this.#heldCount++;
    this.#heldBytes += write.bytes;
  }

  /** The next request's; empty when all that wait have to. Give it to `landed` later. */
  take(): readonly Write<T>[] {
    const { recordsMax, bytesMax } = this.#limits;
    const taken: Write<T>[] = [];
    const left: Write<T>[] = [];
    const held = new Set<string>();
    let bytes = 0;
    let heldBytes = 0;
    let at = 0;
    for (; at < this.#waiting.length && taken.length < recordsMax; at++) {
      const write = this.#waiting[at]!;
      const { document, waits } = write.operation;
      if (waits && document !== null && (this.#busy.has(document) || held.has(document))) {
        held.add(document);
        left.push(write);
        heldBytes += write.bytes;
        continue;
      }
      if (taken.length > 0 && bytes + write.bytes > bytesMax) break;
      taken.push(write);
      bytes += write.bytes;
    }
    this.#waiting = left.length === 0 ? this.#waiting.slice(at) : left.concat(this.#waiting.slice(at));
    this.#bytes -= bytes;
    this.#heldCount = left.length;
    this.#heldBytes = heldBytes;
    this.#count(taken, 1);
    return taken;
  }

  landed(writes: readonly Write<T>[]): void {
    this.#heldCount = 0;
    this.#heldBytes = 0;
    this.#count(writes, -1);
  }

  #count(writes: readonly Write<T>[], change: 1 | -1): void {
    for (const { operation } of writes) {
      const { document } = operation;
      if (document === null) continue;
      const count = (this.#busy.get(document) ?? 0) + change;
      if (count === 0) this.#busy.delete(document);
      else this.#busy.set(document, count);
    }
  }
}

/**
 * What is to be sent again, when some operations were refused for load: those, and operations on the same documents behind
 * them that wait for earlier ones, whatever became of these.
 */
export function toRepeat<T>(writes: readonly Write<T>[], busy: (index: number) => boolean): readonly Write<T>[] {
  const documents = new Set<string>();
  return writes.filter(({ operation: { document, waits } }, index) => {
    if (!busy(index) && !(waits && document !== null && documents.has(document))) return false;
    if (document !== null) documents.add(document);
    return true;
  });
}
