import type { RunnerMetrics } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import { type Measured, metricPages } from "./metric-pages.ts";

/** Asked for again within this time, by a second gateway say, what was measured is given once more. */
const FRESH_MS = 500;

/** What a runner has measured at one moment, kept until all its pages were asked for. */
export class MetricSnapshots {
  #clock: Clock;
  #measure: () => Promise<Measured>;
  #pages: Promise<readonly RunnerMetrics[]> | null = null;
  #takenMs = Number.NEGATIVE_INFINITY;

  constructor(deps: { readonly clock: Clock; readonly measure: () => Promise<Measured> }) {
    this.#clock = deps.clock;
    this.#measure = deps.measure;
  }

  /** At least one page. */
  async all(): Promise<readonly RunnerMetrics[]> {
    await this.page(0);
    return this.#pages ?? [];
  }

  /** @param number from 0, which measures anew. Beyond the last one: empty. */
  async page(number: number): Promise<RunnerMetrics> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#pages === null || (number === 0 && nowMs - this.#takenMs > FRESH_MS)) {
      this.#takenMs = nowMs;
      this.#pages = this.#measure().then(metricPages);
      // Asked again, it measures again.
      this.#pages.catch(() => {
        this.#pages = null;
      });
    }
    const pages = await this.#pages;
    return pages[number] ?? { ...pages[0]!, connectors: [], tasks: [], more: false };
  }
}
