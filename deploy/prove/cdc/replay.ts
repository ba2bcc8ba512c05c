// Pure: what a consumer makes of a table's change events, and what must not be among them.

const EXAMPLES_MAX = 10;

/** Key → version. */
export type Rows = Map<number, number>;

export interface TableEvent {
  readonly op: string;
  readonly lsn: number;
  readonly snapshot: boolean;
  readonly before: { readonly id: number; readonly v: number } | null;
  readonly after: { readonly id: number; readonly v: number } | null;
}

export interface Verdict {
  readonly events: number;
  readonly rows: number;
  /** Rows that the table has and the replay has not, or not in this version. */
  readonly lost: number;
  /** Rows that the replay has and the table has not. */
  readonly left: number;
  /** Streamed events that came twice. */
  readonly duplicated: number;
  /** Streamed events that do not follow from the ones before. */
  readonly misfits: number;
}

/**
 * Replays a topic with one partition. Every update raises a row's version by one, so a change that is missing or comes twice
 * does not fit the ones before it. Where a snapshot was cut off its rows come again, then every change since the first attempt:
 * those go over what a later snapshot already held, and only what comes behind that need fit.
 */
export class Replay {
  readonly #rows: Rows = new Map();
  readonly #seen = new Set<string>();
  #events = 0;
  #duplicated = 0;
  #misfits = 0;
  /** The first of what is wrong. */
  readonly examples: string[] = [];

  /** @param strict whether the event must fit the ones before. */
  read(event: TableEvent, strict: boolean): void {
    this.#events++;
    const { op, lsn, snapshot, before, after } = event;
    if (snapshot) {
      this.#rows.set(after!.id, after!.v);
      return;
    }
    const mark = `${lsn} ${op} ${before?.id} ${after?.id}`;
    if (this.#seen.has(mark)) {
      this.#duplicated++;
      this.#show(`twice: ${mark}`);
    }
    this.#seen.add(mark);
    if (strict && !this.#fits(event)) {
      this.#misfits++;
      const row = after ?? before;
      this.#show(`${mark}: version ${row?.v}, the row is at ${row === null ? null : this.#rows.get(row.id)}`);
    }
    this.#apply(event);
  }

  compare(table: Rows): Verdict {
    const lost = [...table].filter(([id, v]) => this.#rows.get(id) !== v).length;
    const left = [...this.#rows.keys()].filter((id) => !table.has(id)).length;
    return {
      events: this.#events,
      rows: table.size,
      lost,
      left,
      duplicated: this.#duplicated,
      misfits: this.#misfits,
    };
  }

  #show(example: string): void {
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(example);
  }

  #fits({ op, before, after }: TableEvent): boolean {
    if (op === "c") return !this.#rows.has(after!.id);
    if (op === "u") return this.#rows.get(after!.id) === after!.v - 1;
    return op !== "d" || this.#rows.has(before!.id);
  }

  #apply({ op, before, after }: TableEvent): void {
    if (op === "t") this.#rows.clear();
    else if (op === "d") this.#rows.delete(before!.id);
    else this.#rows.set(after!.id, after!.v);
  }
}

export function isExact({ lost, left, duplicated, misfits }: Verdict): boolean {
  return lost + left + duplicated + misfits === 0;
}
