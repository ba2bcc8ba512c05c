// Pure: which of several nodes a request goes to.

/** How long a node that did not answer is left alone, while others do. */
const REST_MS = 30_000;

/** Takes turns among the nodes that answer; when none does, the one that has been left alone longest is tried. */
export class NodeChoice {
  readonly #failedAtMs: number[];
  #next = 0;

  constructor(count: number) {
    this.#failedAtMs = new Array<number>(count).fill(Number.NEGATIVE_INFINITY);
  }

  take(nowMs: number): number {
    const count = this.#failedAtMs.length;
    let chosen = this.#next % count;
    for (let step = 0; step < count; step++) {
      const candidate = (this.#next + step) % count;
      if (nowMs - this.#failedAtMs[candidate]! >= REST_MS) {
        chosen = candidate;
        break;
      }
      if (this.#failedAtMs[candidate]! < this.#failedAtMs[chosen]!) chosen = candidate;
    }
    this.#next = (chosen + 1) % count;
    return chosen;
  }

  answered(node: number): void {
    this.#failedAtMs[node] = Number.NEGATIVE_INFINITY;
  }

  failed(node: number, nowMs: number): void {
    this.#failedAtMs[node] = nowMs;
  }
}
