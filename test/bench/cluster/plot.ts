// Pure: the cost of one more connector as a picture.
import type { ControlPlanePoint, ControlPlaneResult } from "./control-plane.ts";

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 60;
const BOTTOM = 50;
const TOP = 40;
const RIGHT = 190;
const GRID_LINES = 5;

const lines: readonly { readonly name: string; readonly color: string; of(point: ControlPlanePoint): number }[] = [
  { name: "create, p95", color: "#1f6feb", of: (point) => point.createP95Ms },
  { name: "tasks RUNNING, p50", color: "#cf222e", of: (point) => point.runningP50Ms },
  { name: "processor time", color: "#1a7f37", of: (point) => point.cpuMs },
];

const TITLE = "Milliseconds for one more connector of two tasks, by how many there are";

export function plotControlPlane({ points }: ControlPlaneResult): string {
  const xMax = Math.max(...points.map(({ connectors }) => connectors));
  const yMax = roundUp(Math.max(...points.flatMap((point) => lines.map(({ of }) => of(point)))));
  const x = (connectors: number) => LEFT + (connectors / xMax) * (WIDTH - LEFT - RIGHT);
  const y = (ms: number) => HEIGHT - BOTTOM - (ms / yMax) * (HEIGHT - BOTTOM - TOP);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${TITLE}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="20" font-size="14">${TITLE}</text>`,
  ];
  for (let i = 0; i <= GRID_LINES; i++) {
    const ms = (yMax / GRID_LINES) * i;
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(ms)}" y2="${y(ms)}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${y(ms) + 4}" text-anchor="end">${ms}</text>`,
    );
  }
  for (const { connectors } of points) {
    parts.push(`<text x="${x(connectors)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${connectors}</text>`);
  }
  for (const [i, { name, color, of }] of lines.entries()) {
    const path = points.map((point) => `${x(point.connectors).toFixed(1)},${y(of(point)).toFixed(1)}`).join(" ");
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
      `<text x="${WIDTH - RIGHT + 12}" y="${TOP + 16 + i * 18}" fill="${color}">${name}</text>`,
    );
  }
  return `${[...parts, "</svg>"].join("\n")}\n`;
}

function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / unit) * unit;
}
