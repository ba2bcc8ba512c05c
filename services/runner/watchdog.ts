import type { Clock } from "@millrace/time";

export interface WatchdogDeps<Pulse> {
  /** Asks the host; resolves when its event loop has run. */
  readonly ping: () => Promise<Pulse>;
  readonly blockedMs: number;
  readonly heard: (pulse: Pulse) => void;
  /** Told once: nothing was heard for `blockedMs`. */
  readonly blocked: () => void;
  readonly clock: Clock;
}

const SLICES = 10;
const SLICE_MS_MAX = 3_000;

/**
 * Finds out when a host's event loop stands still. Counts slices of time in which its own timer fired and the host said
 * nothing, rather than measuring time: when this process itself was stopped for a while, that is one slice, and the answers
 * that came meanwhile are read before the next.
 */
export class Watchdog<Pulse> {
  #deps: WatchdogDeps<Pulse>;
  #sliceMs: number;
  #asking = false;
  #silentSlices = 0;
  #stop: () => void;

  constructor(deps: WatchdogDeps<Pulse>) {
    this.#deps = deps;
    this.#sliceMs = Math.max(1, Math.min(SLICE_MS_MAX, Math.floor(deps.blockedMs / SLICES)));
    this.#stop = deps.clock.every(this.#sliceMs, () => this.#look());
    this.#look();
  }

  stop(): void {
    this.#stop();
  }

  #look(): void {
    if (this.#asking) {
      this.#silentSlices++;
      if (this.#silentSlices * this.#sliceMs < this.#deps.blockedMs) return;
      this.stop();
      this.#deps.blocked();
      return;
    }
    this.#asking = true;
    this.#deps.ping().then(
      (pulse) => {
        this.#asking = false;
        this.#silentSlices = 0;
        this.#deps.heard(pulse);
      },
      // The host has ended; whoever noticed that stops this.
      () => {},
    );
  }
}
