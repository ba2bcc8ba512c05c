// Pure: numbers and times as people read them.

const UNITS = [
  ["G", 1e9],
  ["M", 1e6],
  ["k", 1e3],
] as const;

/** Three digits and a letter. */
export function short(value: number): string {
  for (const [unit, size] of UNITS)
    if (value >= size) return `${(value / size).toFixed(value >= size * 100 ? 0 : 1)} ${unit}`;
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

export function lagText(lag: {
  readonly seconds: number | null;
  readonly bytes: number | null;
  readonly records: number | null;
}): string {
  const parts = [
    ...(lag.seconds === null ? [] : [`${short(lag.seconds)} s`]),
    ...(lag.records === null ? [] : [`${short(lag.records)} records`]),
    ...(lag.bytes === null ? [] : [`${short(lag.bytes)} B`]),
  ];
  return parts.join(", ") || "–";
}

export function timeText(ms: number | null): string {
  return ms === null ? "–" : new Date(ms).toISOString().replace("T", " ").slice(0, 19);
}

/** The last part of a Java class's name. */
export function shortClass(name: string | null | undefined): string {
  return name?.split(".").at(-1) ?? "";
}

export interface ConfigChange {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

export function configChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ConfigChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => ({ key, before: before[key] ?? null, after: after[key] ?? null }));
}
