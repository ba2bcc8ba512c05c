// Pure: numbers written against numbers read, record by record.

export interface Verdict {
  readonly written: number;
  readonly read: number;
  /** Written, never read. */
  readonly lost: number;
  /** Read once more, each time. */
  readonly duplicated: number;
  /** Read for the first time after a higher one of the same partition. */
  readonly reordered: number;
  /** Read, never written. */
  readonly unexpected: number;
}

/** What was read of one topic whose records are numbered. */
export class Ledger {
  #seen = new Uint8Array(1 << 16);
  #highestByPartition = new Map<number, number>();
  #read = 0;
  #distinct = 0;
  #duplicated = 0;
  #reordered = 0;
  #highest = 0;

  get distinct(): number {
    return this.#distinct;
  }

  get highest(): number {
    return this.#highest;
  }

  read(partition: number, number: number): void {
    this.#read += 1;
    if (number >= this.#seen.length) this.#grow(number);
    if (this.#seen[number] === 1) {
      this.#duplicated += 1;
      return;
    }
    this.#seen[number] = 1;
    this.#distinct += 1;
    const highest = this.#highestByPartition.get(partition) ?? 0;
    if (number < highest) this.#reordered += 1;
    else this.#highestByPartition.set(partition, number);
    if (number > this.#highest) this.#highest = number;
  }

  /** @param written the numbers at the source, each once. */
  compare(written: Iterable<number>): Verdict {
    let count = 0;
    let lost = 0;
    for (const number of written) {
      count += 1;
      if (this.#seen[number] !== 1) lost += 1;
    }
    const unexpected = this.#distinct - (count - lost);
    const [duplicated, reordered] = [this.#duplicated, this.#reordered];
    return { written: count, read: this.#read, lost, duplicated, reordered, unexpected };
  }

  #grow(number: number): void {
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(number + 1)));
    larger.set(this.#seen);
    this.#seen = larger;
  }
}

export function isExact({ written, read, lost, duplicated, reordered, unexpected }: Verdict): boolean {
  return written === read && lost + duplicated + reordered + unexpected === 0;
}

export function sumVerdicts(verdicts: readonly Verdict[]): Verdict {
  const sum = (key: keyof Verdict) => verdicts.reduce((total, verdict) => total + verdict[key], 0);
  return {
    written: sum("written"),
    read: sum("read"),
    lost: sum("lost"),
    duplicated: sum("duplicated"),
    reordered: sum("reordered"),
    unexpected: sum("unexpected"),
  };
}

const ZERO = 48;
const NINE = 57;

/** The first whole number in a record's bytes: `{"id":17,…}` or `17 …`. @throws Error when there is none. */
export function numberIn(value: Uint8Array | null): number {
  const bytes = value ?? new Uint8Array();
  let at = 0;
  while (at < bytes.length && (bytes[at]! < ZERO || bytes[at]! > NINE)) at += 1;
  if (at === bytes.length) throw new Error(`a record without a number: ${new TextDecoder().decode(bytes)}`);
  let number = 0;
  for (; at < bytes.length && bytes[at]! >= ZERO && bytes[at]! <= NINE; at += 1)
    number = number * 10 + bytes[at]! - ZERO;
  return number;
}
