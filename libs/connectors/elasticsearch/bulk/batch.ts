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

/** First in, first out, except that operations on a document that is on its way wait for it, in their order. */
export class WaitingWrites<T> {
  readonly #limits: BatchLimits;
  #waiting: Write<T>[] = [];
  #bytes = 0;
  /** Documents on their way, of those whose order nothing else keeps. */
  readonly #busy = new Set<string>();

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** A full request can be made. */
  get full(): boolean {
    return this.#waiting.length >= this.#limits.recordsMax || this.#bytes >= this.#limits.bytesMax;
  }

  add(write: Write<T>): void {
    this.#waiting.push(write);
    this.#bytes += write.bytes;
  }

  /** The next request's; empty when all that wait have to. Give it to `landed` later. */
  take(): readonly Write<T>[] {
    const { recordsMax, bytesMax } = this.#limits;
    const taken: Write<T>[] = [];
    const left: Write<T>[] = [];
    const held = new Set<string>();
    let bytes = 0;
    let at = 0;
    for (; at < this.#waiting.length && taken.length < recordsMax; at++) {
      const write = this.#waiting[at]!;
      const { orderedBy } = write.operation;
      if (orderedBy !== null && (this.#busy.has(orderedBy) || held.has(orderedBy))) {
        held.add(orderedBy);
        left.push(write);
        continue;
      }
      if (taken.length > 0 && bytes + write.bytes > bytesMax) break;
      taken.push(write);
      bytes += write.bytes;
    }
    this.#waiting = left.length === 0 ? this.#waiting.slice(at) : left.concat(this.#waiting.slice(at));
    this.#bytes -= bytes;
    for (const { operation } of taken) if (operation.orderedBy !== null) this.#busy.add(operation.orderedBy);
    return taken;
  }

  landed(writes: readonly Write<T>[]): void {
    for (const { operation } of writes) if (operation.orderedBy !== null) this.#busy.delete(operation.orderedBy);
  }
}

/**
 * What is to be sent again, when some operations were refused for load: those, and what came behind them for the same
 * document where only we keep the order, whatever became of it.
 */
export function toRepeat<T>(writes: readonly Write<T>[], busy: (index: number) => boolean): readonly Write<T>[] {
  const documents = new Set<string>();
  return writes.filter(({ operation: { orderedBy } }, index) => {
    if (!busy(index) && (orderedBy === null || !documents.has(orderedBy))) return false;
    if (orderedBy !== null) documents.add(orderedBy);
    return true;
  });
}
