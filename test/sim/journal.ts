/**
 * What happened in a run, in order. Only its hash is kept, unless lines are asked for: two runs with the same hash went
 * the same way.
 */
export class Journal {
  readonly #line: ((line: string) => void) | null;
  #low = 0x811c9dc5;
  #high = 0x01000193;
  lines = 0;

  /** @param line gets every line. */
  constructor(line: ((line: string) => void) | null) {
    this.#line = line;
  }

  say(atMs: number, who: string, what: string): void {
    const line = `${(atMs / 1000).toFixed(6)} ${who}: ${what}`;
    this.lines++;
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x85ebca6b) ^ (low >>> 13);
    }
    this.#low = low;
    this.#high = high;
    this.#line?.(line);
  }

  get hash(): string {
    const hex = (part: number) => (part >>> 0).toString(16).padStart(8, "0");
    return hex(this.#high) + hex(this.#low);
  }
}
