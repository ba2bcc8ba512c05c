import type { ClusterView } from "./api.ts";

/** What was measured since the page was opened: seconds since the epoch, and values; null: not known then. */
export interface Series {
  readonly atS: readonly number[];
  readonly values: readonly (number | null)[];
}

interface Sample {
  readonly atS: number;
  readonly rates: ReadonlyMap<string, { readonly records: number; readonly lag: number | null }>;
  readonly total: number;
}

/** Ten minutes of looks, two seconds apart. */
const SAMPLES_MAX = 300;
const samples: Sample[] = [];

/** Of one moment, once. */
export function remember(view: ClusterView): void {
  const atS = Date.parse(view.at) / 1000;
  if (samples.at(-1)?.atS === atS) return;
  const rates = new Map(
    view.connectors.map(({ name, recordsPerSecond, lag }) => [
      name,
      { records: recordsPerSecond, lag: lag.seconds ?? lag.records },
    ]),
  );
  const total = view.connectors.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  samples.push({ atS, rates, total });
  if (samples.length > SAMPLES_MAX) samples.shift();
}

export function totalSeries(): Series {
  return { atS: samples.map(({ atS }) => atS), values: samples.map(({ total }) => total) };
}

export function rateSeries(name: string): Series {
  return { atS: samples.map(({ atS }) => atS), values: samples.map(({ rates }) => rates.get(name)?.records ?? null) };
}

export function lagSeries(name: string): Series {
  return { atS: samples.map(({ atS }) => atS), values: samples.map(({ rates }) => rates.get(name)?.lag ?? null) };
}
