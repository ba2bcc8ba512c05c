// Pure: what runners have measured, as text for Prometheus, family by family.
import { METRICS, type MetricGroups, type MetricKind, prometheusType } from "./catalogue.ts";
import { type MetricName, metricNames, type Naming } from "./connect-names.ts";
import {
  endText,
  familyText,
  labelsText,
  type MetricFamily,
  sample,
  type TextFormat,
  withLabel,
} from "./exposition.ts";

export interface MetricSet {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly groups: MetricGroups;
}

/** A series that a connector measures itself. */
export interface PluginSeries {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly alias: { readonly name: string; readonly labels: Readonly<Record<string, string>> } | null;
  readonly value: number | null;
}

interface Step {
  readonly alias: string;
  readonly class: string;
  readonly version: string;
}

/** As the bus brings it. */
export interface MeasuredTask {
  readonly connector: string;
  readonly task: number;
  readonly state: string;
  readonly groups: MetricGroups;
  readonly transforms: readonly Step[];
  readonly predicates: readonly Step[];
  readonly plugin: readonly PluginSeries[];
}

export interface MeasuredConnector {
  readonly connector: string;
  readonly state: string;
  readonly type: string | null;
  readonly class: string;
  readonly version: string | null;
}

export function connectorSet({ connector, state, type, class: name, version }: MeasuredConnector): MetricSet {
  const known = {
    ...(type === null ? {} : { "connector-type": type }),
    ...(name === "" ? {} : { "connector-class": name }),
    ...(version === null ? {} : { "connector-version": version }),
  };
  return { labels: { connector }, groups: { "connector-metrics": { status: state.toLowerCase(), ...known } } };
}

export function taskSets({ connector, task, state, groups, transforms, predicates }: MeasuredTask): MetricSet[] {
  const labels = { connector, task };
  const status = { "connector-task-metrics": { ...groups["connector-task-metrics"], status: state.toLowerCase() } };
  const step = (kind: "transform" | "predicate") => (each: Step) => ({
    labels: { ...labels, [kind]: each.alias },
    groups: {
      [`connector-${kind}-metrics`]: { [`${kind}-class`]: each.class, [`${kind}-version`]: each.version },
    },
  });
  return [
    { labels, groups: { ...groups, ...status } },
    ...transforms.map(step("transform")),
    ...predicates.map(step("predicate")),
  ];
}

/** Connect's counts of each connector's tasks on a worker, by their states. */
export function taskCountSets(workerId: string, tasks: readonly MeasuredTask[]): MetricSet[] {
  const byConnector = new Map<string, string[]>();
  for (const { connector, state } of tasks) {
    const states = byConnector.get(connector);
    if (states === undefined) byConnector.set(connector, [state]);
    else states.push(state);
  }
  return [...byConnector].map(([connector, states]) => {
    const count = (state: string) => states.filter((each) => each === state).length;
    return {
      labels: { worker: workerId, connector },
      groups: {
        "connect-worker-metrics": {
          "connector-total-task-count": states.length,
          "connector-running-task-count": count("RUNNING"),
          "connector-paused-task-count": count("PAUSED"),
          "connector-failed-task-count": count("FAILED"),
          "connector-unassigned-task-count": count("UNASSIGNED"),
          "connector-destroyed-task-count": 0,
          "connector-restarting-task-count": count("RESTARTING"),
        },
      },
    };
  });
}

/** Everything in one answer, a family at a time, so that whoever sends it can let others go first. */
export function* metricsText(
  of: {
    readonly sets: readonly MetricSet[];
    readonly tasks: readonly MeasuredTask[];
    readonly more?: readonly MetricFamily[];
  },
  { naming, format }: { readonly naming: Naming; readonly format: TextFormat },
): Generator<string> {
  const labelled = of.sets.map(({ labels, groups }) => ({ labels: labelsText(labels), groups }));
  for (const [group, attributes] of Object.entries(METRICS)) {
    const having = labelled.flatMap(({ labels, groups }) => {
      const values = groups[group];
      return values === undefined ? [] : [{ labels, values }];
    });
    if (having.length === 0) continue;
    for (const [attribute, [kind, help]] of Object.entries(attributes)) {
      for (const named of metricNames(group, attribute, kind === "text", naming)) {
        const samples = having.flatMap(({ labels, values }) =>
          sampleOf({ group, kind, named }, labels, values[attribute]),
        );
        yield familyText({ name: named.name, type: prometheusType(kind, named.name), help, samples }, format);
      }
    }
  }
  for (const family of pluginFamilies(of.tasks)) yield familyText(family, format);
  for (const family of of.more ?? []) yield familyText(family, format);
  yield endText(format);
}

function sampleOf(
  { group, kind, named }: { readonly group: string; readonly kind: MetricKind; readonly named: MetricName },
  labels: string,
  value: number | string | null | undefined,
): string[] {
  if (value === undefined) return [];
  if (kind === "text") return typeof value === "string" ? [sample(withLabel(labels, named.label, value), 1)] : [];
  if (typeof value === "number") return [sample(labels, value)];
  // As Kafka's own gauges do; of ours, what is not known is left out.
  return group.startsWith("millrace-") ? [] : [sample(labels, Number.NaN)];
}

/** Under `millrace_connector_`, and under the names that connectors give besides; of two with one name the first counts. */
function pluginFamilies(tasks: readonly MeasuredTask[]): MetricFamily[] {
  const families = new Map<
    string,
    { readonly about: Omit<MetricFamily, "samples">; readonly values: Map<string, number> }
  >();
  const add = ({ kind, help, value }: PluginSeries, name: string, labels: MetricSet["labels"]) => {
    const about = { name, type: prometheusType(kind, name), help };
    const { values } = families.get(name) ?? { values: new Map<string, number>() };
    const text = labelsText(labels);
    if (!values.has(text)) values.set(text, value ?? Number.NaN);
    if (!families.has(name)) families.set(name, { about, values });
  };
  for (const { connector, task, plugin } of tasks) {
    for (const series of plugin) {
      add(series, `millrace_connector_${series.name}`, { connector, task, ...series.labels });
      if (series.alias !== null) add(series, series.alias.name, series.alias.labels);
    }
  }
  return [...families.values()].map(({ about, values }) => {
    return { ...about, samples: [...values].map(([labels, value]) => sample(labels, value)) };
  });
}
