import type { Assignment, Work } from "@millrace/protocol";
import { type WorkItem, type WorkKey, workKey } from "./model.ts";

interface Told {
  readonly work: Work;
  /** Of the assignment that brought it as it is. */
  readonly sequence: number;
}

interface Taken {
  readonly item: WorkItem;
  readonly sequence: number;
}

/** Of a runner that does not say what it has applied, so many items are remembered as gone; then it is told everything. */
const TAKEN_MAX = 1_000;

/** What one leader tells one runner to run: all of it, or what is new to one that has applied some of it. */
export class ToldWork {
  readonly #runner: string;
  readonly #epoch: number;
  readonly #work = new Map<WorkKey, Told>();
  readonly #taken = new Map<WorkKey, Taken>();
  /** Who has applied this sequence or a later one needs to be told changes alone. */
  #rememberedFrom: number;
  #sequence: number;

  /** @param sequence of the first assignment. */
  constructor(runner: string, epoch: number, sequence: number) {
    this.#runner = runner;
    this.#epoch = epoch;
    this.#rememberedFrom = sequence;
    this.#sequence = sequence;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get(key: WorkKey): Work | undefined {
    return this.#work.get(key)?.work;
  }

  items(): Iterable<WorkKey> {
    return this.#work.keys();
  }

  put(key: WorkKey, work: Work, sequence: number): void {
    this.#work.set(key, { work, sequence });
    this.#taken.delete(key);
    this.#sequence = sequence;
  }

  take(item: WorkItem, sequence: number): void {
    const key = workKey(item);
    this.#work.delete(key);
    this.#taken.set(key, { item, sequence });
    this.#sequence = sequence;
    if (this.#taken.size > TAKEN_MAX) this.#forgetTaken(sequence);
  }

  /** The runner has said that it has applied this one. */
  applied(sequence: number): void {
    this.#forgetTaken(sequence);
  }

  /** @param applied what the runner has applied of this epoch; null: nothing, or it takes no changes. */
  assignment(applied: number | null): Assignment {
    const { work, gone, since } =
      applied === null || applied < this.#rememberedFrom ? this.#whole() : this.#since(applied);
    return { runner: this.#runner, epoch: this.#epoch, sequence: this.#sequence, since, work, gone };
  }

  #whole() {
    return { since: null, work: [...this.#work.values()].map(({ work }) => work), gone: [] };
  }

  #since(applied: number) {
    const work: Work[] = [];
    for (const told of this.#work.values()) if (told.sequence > applied) work.push(told.work);
    const taken = [...this.#taken.values()].filter(({ sequence }) => sequence > applied);
    return { since: applied, work, gone: taken.map(({ item: { connector, task } }) => ({ connector, task })) };
  }

  #forgetTaken(untilSequence: number): void {
    if (untilSequence <= this.#rememberedFrom) return;
    this.#rememberedFrom = untilSequence;
    for (const [key, { sequence }] of this.#taken) if (sequence <= untilSequence) this.#taken.delete(key);
  }
}
