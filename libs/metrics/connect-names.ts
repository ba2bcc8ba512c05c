// Pure: the names that a metric of Kafka Connect has in Prometheus, in the two families in use.

/** `jmx`: as the JMX exporter's and Strimzi's rules make them; `reporter`: as reporters inside Connect do. */
export const NAMINGS = ["jmx", "reporter", "both"] as const;
export type Naming = (typeof NAMINGS)[number];

export interface MetricName {
  readonly name: string;
  /** Of a text: the label that holds it. */
  readonly label: string;
}

/**
 * @param group the `type` of Connect's MBean, such as `source-task-metrics`, or one of ours, `millrace-…-metrics`.
 * @param attribute such as `source-record-poll-rate`, or `status`, which is a text.
 */
export function metricNames(group: string, attribute: string, text: boolean, naming: Naming): MetricName[] {
  const label = safe(attribute);
  const own = safe(group.replace(/-metrics$/, ""));
  if (group.startsWith("millrace-")) return [{ name: `${own}_${label}${text ? "_info" : ""}`, label }];
  const jmx = `kafka_connect_${own.replace(/^connect_/, "")}_${label}`;
  const reporter = `kafka_connect_${safe(group)}_${label}${text ? "_info" : ""}`;
  const names = naming === "jmx" ? [jmx] : naming === "reporter" || jmx === reporter ? [reporter] : [jmx, reporter];
  return names.map((name) => ({ name, label }));
}

function safe(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_");
}
