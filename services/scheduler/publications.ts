import type { Assignment } from "@millrace/protocol";
import { type Desired, itemOf, type Placement, type SchedulerState, type WorkKey } from "./model.ts";
import { ToldWork } from "./told-work.ts";
import { workOf } from "./work.ts";

/** What a runner said of itself last; undefined: nothing yet. */
export type Listener =
  | {
      readonly applied: { readonly epoch: number; readonly sequence: number } | null;
      /** It understands changes. */
      readonly number: number | null;
    }
  | undefined;

export interface Outcome {
  /** What was decided on; null: everything. */
  readonly scope: ReadonlySet<string> | null;
  readonly before: Pick<SchedulerState, "placements">;
  readonly after: Pick<SchedulerState, "placements" | "runners">;
  readonly desired: Desired;
}

/**
 * The assignments of one term. Sequences rise by one per outcome that changes anybody's work; the first of a term is told to everyone,
 * whole. After that a runner is sent what is new to it, and the whole again when it has applied nothing of which the changes are known.
 */
export class Publications {
  readonly #epoch: number;
  readonly #told = new Map<string, ToldWork>();
  /** Which runner was told to run it. */
  readonly #places = new Map<WorkKey, string>();
  #sequence = 0;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  /** The sequence of the next assignment. */
  get next(): number {
    return this.#sequence + 1;
  }

  /** @returns the runners that must be told. */
  take({ scope, before, after, desired }: Outcome): readonly string[] {
    const sequence = this.next;
    const changed = new Set<string>();
    for (const runner of [...this.#told.keys()]) if (!after.runners.has(runner)) this.forget(runner);
    for (const runner of after.runners.keys()) {
      // Of one that was forgotten meanwhile not everything is known here: it waits for the next decision on everything.
      if (this.#told.has(runner) || scope !== null) continue;
      this.#told.set(runner, new ToldWork(runner, this.#epoch, sequence));
      changed.add(runner);
    }
    // After a write whose outcome was unknown, what was told may be neither in the state before nor after.
    const told = scope === null ? this.#places.keys() : [];
    for (const key of new Set([...before.placements.keys(), ...after.placements.keys(), ...told])) {
      for (const runner of this.#move(key, after.placements.get(key), desired, sequence)) changed.add(runner);
    }
    if (changed.size > 0) this.#sequence = sequence;
    return [...changed];
  }

  /** @returns the runners to which this makes a difference. */
  #move(key: WorkKey, placement: Placement | undefined, desired: Desired, sequence: number): string[] {
    const item = itemOf(key);
    const record = desired.get(item.connector);
    const told = placement?.phase === "assigned" ? this.#told.get(placement.runner) : undefined;
    const changed: string[] = [];
    const before = this.#places.get(key);
    if (before !== undefined && (!record || !told || placement?.runner !== before)) {
      this.#told.get(before)?.take(item, sequence);
      this.#places.delete(key);
      changed.push(before);
    }
    if (!record || !told || !placement) return changed;
    const old = told.get(key);
    const work = workOf(placement, record, old);
    if (work === old) return changed;
    told.put(key, work, sequence);
    this.#places.set(key, placement.runner);
    return [...changed, placement.runner];
  }

  /** What is new to the runner, of the work it was given; null: nothing, or it was given none. */
  assignment(runner: string, listener: Listener): Assignment | null {
    const told = this.#told.get(runner);
    if (!told) return null;
    const applied = listener?.applied?.epoch === this.#epoch ? listener.applied.sequence : null;
    if (applied === told.sequence) return null;
    return told.assignment(listener?.number === null ? null : applied);
  }

  /** The runner has said what it has applied. */
  heard(runner: string, { applied }: NonNullable<Listener>): void {
    if (applied?.epoch === this.#epoch) this.#told.get(runner)?.applied(applied.sequence);
  }

  /** For one that has no place here: to run nothing. Should it come back, it is told everything. */
  dismissal(runner: string): Assignment {
    this.forget(runner);
    this.#sequence += 1;
    return { runner, epoch: this.#epoch, sequence: this.#sequence, since: null, work: [], gone: [] };
  }

  forget(runner: string): void {
    for (const key of this.#told.get(runner)?.items() ?? []) this.#places.delete(key);
    this.#told.delete(runner);
  }
}
