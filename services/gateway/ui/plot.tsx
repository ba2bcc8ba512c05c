import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import type { Series } from "./flow-history.ts";
import { short } from "./format.ts";

const HEIGHT_PX = 160;
/** A plot that has just begun leaves room for its first minute. */
const SPAN_S_MIN = 60;

/** A live line over time. Screen readers get its last value. */
export function Plot({
  title,
  unit,
  series,
}: {
  readonly title: string;
  readonly unit: string;
  readonly series: Series;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  useEffect(() => {
    const element = place.current!;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    plot.current = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { y: false },
        scales: {
          x: { range: (_, min, max) => [Math.min(min, max - SPAN_S_MIN), max] },
          y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] },
        },
        axes: [axis, { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => short(tick)) }],
        series: [{}, { stroke: colour("--accent"), width: 2, fill: colour("--accent-faint"), points: { show: false } }],
      },
      [[], []],
      element,
    );
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData([[...series.atS], [...series.values]]), [series]);
  const last = series.values.at(-1);
  return (
    <figure class="plot">
      <figcaption>
        {title} <strong>{last === null || last === undefined ? "–" : `${short(last)} ${unit}`}</strong>
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}
