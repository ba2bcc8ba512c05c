// Pure: values of the last minute or so, as the sampled statistics of Kafka's own metrics see them.

export interface WindowSettings {
  /** `metrics.sample.window.ms`. */
  readonly sampleMs: number;
  /** `metrics.num.samples`, at least 1. */
  readonly samples: number;
}

/** Kafka's defaults. */
export const WINDOW_DEFAULT: WindowSettings = { sampleMs: 30_000, samples: 2 };

interface Sample {
  startMs: number;
  lastMs: number;
  sum: number;
  count: number;
  min: number;
  max: number;
}

/**
 * Sum, count, minimum and maximum over a few samples of fixed length, the oldest forgotten whole. What is asked for must not
 * run back in time. Allocates nothing once it has all its samples.
 */
export class Windowed {
  readonly #settings: WindowSettings;
  readonly #samples: Sample[] = [];
  #current = 0;

  constructor(settings: WindowSettings) {
    this.#settings = settings;
  }

  record(value: number, nowMs: number): void {
    const sample = this.#sample(nowMs);
    sample.lastMs = nowMs;
    sample.sum += value;
    sample.count++;
    if (value < sample.min) sample.min = value;
    if (value > sample.max) sample.max = value;
  }

  /** A second. As in Kafka, over at least all samples but one, so that a start is no peak. */
  rate(nowMs: number): number {
    const { sampleMs, samples } = this.#settings;
    this.#forget(nowMs);
    // The first question begins a sample, as the first value does.
    if (this.#samples.length === 0) this.#sample(nowMs);
    const sum = this.#samples.reduce((total, sample) => total + sample.sum, 0);
    const oldestMs = this.#samples.reduce((oldest, { startMs }) => Math.min(oldest, startMs), nowMs);
    let elapsedMs = nowMs - oldestMs;
    const whole = Math.trunc(elapsedMs / sampleMs);
    if (whole < samples - 1) elapsedMs += (samples - 1 - whole) * sampleMs;
    return sum / (Math.max(1, elapsedMs) / 1_000);
  }

  /** NaN: nothing was recorded. */
  average(nowMs: number): number {
    this.#forget(nowMs);
    const count = this.#samples.reduce((total, sample) => total + sample.count, 0);
    return this.#samples.reduce((total, sample) => total + sample.sum, 0) / count;
  }

  /** NaN: nothing was recorded. */
  max(nowMs: number): number {
    this.#forget(nowMs);
    const max = this.#samples.reduce((most, sample) => Math.max(most, sample.max), Number.NEGATIVE_INFINITY);
    return max === Number.NEGATIVE_INFINITY ? Number.NaN : max;
  }

  /** NaN: nothing was recorded. */
  min(nowMs: number): number {
    this.#forget(nowMs);
    const min = this.#samples.reduce((least, sample) => Math.min(least, sample.min), Number.POSITIVE_INFINITY);
    return min === Number.POSITIVE_INFINITY ? Number.NaN : min;
  }

  #sample(nowMs: number): Sample {
    const current = this.#samples[this.#current];
    if (current !== undefined && nowMs - current.startMs < this.#settings.sampleMs) return current;
    // One more than counts: the oldest may have values that are still young enough.
    if (current !== undefined) this.#current = (this.#current + 1) % (this.#settings.samples + 1);
    const next = this.#samples[this.#current];
    if (next !== undefined) return reset(next, nowMs);
    const fresh = reset({} as Sample, nowMs);
    this.#samples.push(fresh);
    return fresh;
  }

  /** A sample counts while its last value is younger than all samples together are long. */
  #forget(nowMs: number): void {
    const { sampleMs, samples } = this.#settings;
    for (const sample of this.#samples) if (nowMs - sample.lastMs >= samples * sampleMs) reset(sample, nowMs);
  }
}

function reset(sample: Sample, nowMs: number): Sample {
  sample.startMs = nowMs;
  sample.lastMs = nowMs;
  sample.sum = 0;
  sample.count = 0;
  sample.min = Number.POSITIVE_INFINITY;
  sample.max = Number.NEGATIVE_INFINITY;
  return sample;
}
