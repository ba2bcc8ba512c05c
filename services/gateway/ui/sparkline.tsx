import type { JSX } from "preact";
import type { Series } from "./flow-history.ts";

const [WIDTH, HEIGHT, POINTS_MAX] = [90, 22, 60];

/** The shape of the last minutes, without numbers: those stand beside it. */
export function Sparkline({ series }: { readonly series: Series }): JSX.Element {
  const values = series.values.slice(-POINTS_MAX).map((value) => value ?? 0);
  const top = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, POINTS_MAX - 1);
  const points = values.map(
    (value, at) =>
      `${((POINTS_MAX - values.length + at) * step).toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 3)).toFixed(1)}`,
  );
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polyline points={points.join(" ")} />
    </svg>
  );
}
