// Pure: every metric there is, by group and attribute as in Kafka Connect's JMX, with what it means.
import { CONNECT_METRICS } from "./connect-metrics.ts";
import type { MetricType } from "./exposition.ts";
import { OWN_METRICS } from "./own-metrics.ts";

/** `counter`: only rises, until what is counted starts anew. `text`: a value that is no number. */
export type MetricKind = "counter" | "gauge" | "text";

export type MetricCatalogue = Readonly<Record<string, Readonly<Record<string, readonly [MetricKind, string]>>>>;

export const METRICS: MetricCatalogue = { ...CONNECT_METRICS, ...OWN_METRICS };

/** By group, then attribute. null: not a number at this time. */
export type MetricGroups = Readonly<Record<string, Readonly<Record<string, number | string | null>>>>;

/** A counter whose name does not end as counters must is shown without a type. */
export function prometheusType(kind: MetricKind, name: string): MetricType {
  if (kind === "text") return name.endsWith("_info") ? "info" : "gauge";
  if (kind === "gauge") return "gauge";
  return name.endsWith("_total") ? "counter" : "unknown";
}
