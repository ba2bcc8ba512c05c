import type { TargetState, WorkState } from "@millrace/protocol";
import type { Clock } from "@millrace/time";

/**
 * What the loops know of the outside: whether to go on, wait or stop, and where to report. The task host turns the knobs.
 *
 *   STARTED ⇄ PAUSED    any ──stop, STOPPED──▶ stopping (signal aborts; a final commit follows) ──late──▶ cancelled
 */
export class TaskControl {
  /** Aborts when the task is asked to stop: waits end, the loop finishes its batch. */
  readonly signal: AbortSignal;
  /** Aborts when the task did not stop in time: nothing is committed any more. */
  readonly cancelled: AbortSignal;
  #stop = new AbortController();
  #cancel = new AbortController();
  #target: TargetState;
  #changed: (() => void)[] = [];
  #report: (state: WorkState) => void;

  constructor(target: TargetState, report: (state: WorkState) => void) {
    this.#target = target;
    this.#report = report;
    this.signal = this.#stop.signal;
    this.cancelled = this.#cancel.signal;
    if (target === "STOPPED") this.stop();
  }

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  get target(): TargetState {
    return this.#target;
  }

  get paused(): boolean {
    return this.#target !== "STARTED";
  }

  setTarget(target: TargetState): void {
    this.#target = target;
    // A stopped connector has no tasks: one that hears of it before its assignment goes ends by itself.
    if (target === "STOPPED") this.stop();
    else this.#wake();
  }

  stop(): void {
    this.#stop.abort(new Error("the task was asked to stop"));
    this.#wake();
  }

  cancel(): void {
    this.stop();
    this.#cancel.abort(new Error("the task did not stop in time"));
  }

  report(state: WorkState): void {
    this.#report(state);
  }

  /** While the target is PAUSED: reports it and waits for resume or stop. */
  async whilePaused(): Promise<void> {
    if (!this.paused || this.stopping) return;
    this.report("PAUSED");
    while (this.paused && !this.stopping) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** Waits before another attempt. Ends early when the task is paused or asked to stop. */
  async whileBackingOff(delayMs: number, clock: Clock): Promise<void> {
    const over = new AbortController();
    const changed = new Promise<void>((resolve) => this.#changed.push(resolve));
    if (!this.paused && !this.stopping)
      await Promise.race([clock.sleep(delayMs, over.signal).catch(() => {}), changed]);
    over.abort();
  }

  #wake(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }
}
