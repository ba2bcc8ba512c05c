// Pure: what a command shows, as a table, JSON or YAML.
import { CliError, EXIT } from "./cli-error.ts";

export type Format = "table" | "wide" | "json" | "yaml";

export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string | number;
  /** Only with `-o wide`. */
  readonly wide?: true;
}

const formats = ["table", "wide", "json", "yaml"] as const;

/** @throws CliError for what is none. */
export function formatOf(options: Readonly<Record<string, string>>): Format {
  const given = options.output ?? "table";
  const format = formats.find((each) => each === given);
  if (format !== undefined) return format;
  throw new CliError(`--output ${given}: use ${formats.join(", ")}`, EXIT.usage);
}

/** Columns as wide as their longest text; the last one is not padded. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], wide = false): string {
  const shown = columns.filter((column) => wide || column.wide !== true);
  const cells = [shown.map(({ title }) => title), ...rows.map((row) => shown.map(({ of }) => String(of(row))))];
  const widths = shown.map((_, at) => Math.max(...cells.map((line) => widthOf(line[at]!))));
  const lines = cells.map((line) =>
    line
      .map((text, at) => (at === line.length - 1 ? text : text + " ".repeat(widths[at]! - widthOf(text))))
      .join("   ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** At most so wide, with `…` in place of what does not fit. */
export function cut(text: string, widthMax: number): string {
  if (widthOf(text) <= widthMax) return text;
  let kept = "";
  for (const sign of text) {
    if (widthOf(kept + sign) >= widthMax) break;
    kept += sign;
  }
  return `${kept}…`;
}

/** Wide signs, of East Asian scripts and emoji, take two places. */
export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u.test(
        sign,
      )
        ? 2
        : 1;
  return width;
}

/** `name: value` lines, values below each other. */
export function facts(entries: readonly (readonly [name: string, value: string])[], indent = ""): string {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${indent}${`${name}:`.padEnd(width + 2)}${value}\n`).join("");
}

export function indented(text: string, by: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `${by}${line}\n`)
    .join("");
}
