// Pure: geometric types as the JDBC driver writes them.
import type { RowBytes } from "./row-bytes.ts";

const GEOMETRIC = new Set(["box", "circle", "line", "lseg", "path", "polygon"]);

export function isGeometric(type: string): boolean {
  return GEOMETRIC.has(type);
}

/** The text Postgres writes, with its numbers as Java writes them: `(1,2),(0,0)` is `(1.0,2.0),(0.0,0.0)`. */
export function readGeometric({ latin1 }: RowBytes, from: number, to: number): Uint8Array {
  const text = latin1.substring(from, to).replace(/-?\d[\d.]*(?:e[+-]?\d+)?/gi, (number) => doubleText(Number(number)));
  return Buffer.from(text, "latin1");
}

/** As Java's Double.toString. */
function doubleText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits, exponent] = value.toExponential().split("e");
    return `${digits!.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
