// Pure: metrics as text, in the two formats that Prometheus reads.

export type TextFormat = "openmetrics" | "classic";

export type MetricType = "counter" | "gauge" | "info" | "unknown";

export interface MetricFamily {
  /** As its samples are called: a counter's ends in `_total`, an info's in `_info`. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Each `{labels} value`, see `sample`. */
  readonly samples: readonly string[];
}

export const CONTENT_TYPES: Readonly<Record<TextFormat, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  classic: "text/plain; version=0.0.4; charset=utf-8",
};

/** Whoever does not ask for OpenMetrics, a person with curl say, gets the older format. */
export function textFormat(accept: string | null): TextFormat {
  return /application\/openmetrics-text/i.test(accept ?? "") ? "openmetrics" : "classic";
}

/** `{connector="c",task="0"}`, empty for no labels. */
export function labelsText(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** `labels` with one more. */
export function withLabel(labels: string, name: string, value: string): string {
  const pair = `${name}="${escaped(value)}"`;
  return labels === "" ? `{${pair}}` : `${labels.slice(0, -1)},${pair}}`;
}

export function sample(labels: string, value: number): string {
  return `${labels} ${numberText(value)}`;
}

export function familyText({ name, type, help, samples }: MetricFamily, format: TextFormat): string {
  if (samples.length === 0) return "";
  const family = format === "openmetrics" ? name.replace(suffixOf(type), "") : name;
  const head = `# HELP ${family} ${escapedHelp(help, format)}\n# TYPE ${family} ${typeText(type, format)}\n`;
  return `${head}${name}${samples.join(`\n${name}`)}\n`;
}

/** What stands behind the last family. */
export function endText(format: TextFormat): string {
  return format === "openmetrics" ? "# EOF\n" : "";
}

function suffixOf(type: MetricType): RegExp {
  return type === "counter" ? /_total$/ : type === "info" ? /_info$/ : /^$/;
}

function typeText(type: MetricType, format: TextFormat): string {
  if (format === "openmetrics") return type;
  return type === "unknown" ? "untyped" : type === "info" ? "gauge" : type;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : value;
}

function escapedHelp(help: string, format: TextFormat): string {
  const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return format === "openmetrics" ? text.replaceAll('"', '\\"') : text;
}
