interface Event {
  readonly atMs: number;
  readonly id: number;
  /** null: cancelled. */
  fn: (() => void) | null;
}

/** So often the event loop has its turn, where Node notices rejections that nobody handles. */
const EVENTS_PER_TURN = 32;
/** So many events without any time passing, and the run is going round in circles. */
const EVENTS_AT_ONCE_MAX = 20_000;

/**
 * The one order in which everything happens: events by (time, creation). Between two events every promise that can
 * settle has settled, so a run depends on nothing but its events.
 */
export class Timeline {
  #nowMs = 0;
  #nextId = 0;
  #heap: Event[] = [];
  #atOnce = 0;
  /** That have fired. */
  events = 0;

  /** Virtual milliseconds since the run began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** @returns cancels it. */
  after(delayMs: number, fn: () => void): () => void {
    const event: Event = { atMs: this.#nowMs + Math.max(0, delayMs), id: this.#nextId++, fn };
    this.#push(event);
    return () => {
      event.fn = null;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /**
   * Fires events until `isOver`, which is asked before each, or until there are none.
   * @param crashed gets what an event throws.
   */
  run(isOver: () => boolean, crashed: (error: unknown) => void): Promise<void> {
    return new Promise((resolve) => {
      // A tick runs when all microtasks have, and a microtask queued by it before any other tick: each event is a
      // microtask that asks for the next tick.
      const step = () => {
        let event: Event | null = null;
        try {
          event = isOver() ? null : this.#next();
        } catch (error) {
          crashed(error);
        }
        if (event === null) return resolve();
        const { fn } = event;
        const fire = () => {
          try {
            fn?.();
          } catch (error) {
            crashed(error);
          }
          process.nextTick(step);
        };
        this.events++;
        if (this.events % EVENTS_PER_TURN === 0) setImmediate(() => queueMicrotask(fire));
        else queueMicrotask(fire);
      };
      queueMicrotask(() => process.nextTick(step));
    });
  }

  #next(): Event | null {
    for (;;) {
      const event = this.#pop();
      if (event === null) return null;
      if (event.fn === null) continue;
      this.#atOnce = event.atMs === this.#nowMs ? this.#atOnce + 1 : 0;
      if (this.#atOnce > EVENTS_AT_ONCE_MAX) throw new Error(`the run stands still at ${this.#nowMs} ms`);
      this.#nowMs = event.atMs;
      return event;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, event)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.id < b.id);
}
