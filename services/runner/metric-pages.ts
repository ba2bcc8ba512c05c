// Pure: what a runner and its tasks have measured, in messages of a bounded size.
import type { ConnectorMetrics, RunnerMetrics, TaskMetrics, Work, WorkReport } from "@millrace/protocol";
import { workKey } from "./work-key.ts";

const PAGE_BYTES_MAX = 400_000;

export interface Measured {
  readonly about: Pick<RunnerMetrics, "runner" | "workerId" | "version" | "groups" | "hosts">;
  /** Everything that is assigned here. */
  readonly entries: readonly { readonly work: Work; readonly report: WorkReport }[];
  /** What task hosts said; nothing of tasks that run in none. */
  readonly tasks: readonly TaskMetrics[];
}

/** At least one. */
export function metricPages({ about, entries, tasks }: Measured): RunnerMetrics[] {
  const measured = new Map(tasks.map((task) => [workKey(task), task]));
  const all = entries
    .flatMap(({ work, report }) => (work.kind === "task" ? taskOf(work, report, measured.get(workKey(work))) : []))
    .sort((a, b) => (a.connector === b.connector ? a.task - b.task : a.connector < b.connector ? -1 : 1));
  const parts: TaskMetrics[][] = [[]];
  let bytes = 0;
  for (const task of all) {
    const size = JSON.stringify(task).length;
    if (bytes > 0 && bytes + size > PAGE_BYTES_MAX) {
      parts.push([]);
      bytes = 0;
    }
    bytes += size;
    parts.at(-1)!.push(task);
  }
  const connectors = entries.flatMap(({ work, report }) =>
    work.kind === "connector" ? connectorOf(work, report) : [],
  );
  return parts.map((part, page) => {
    const more = page < parts.length - 1;
    return { ...about, connectors: page === 0 ? connectors : [], tasks: part, more };
  });
}

function taskOf(work: Work & { kind: "task" }, { state }: WorkReport, measured: TaskMetrics | undefined): TaskMetrics {
  if (measured !== undefined && measured.generation === work.generation) return { ...measured, state };
  const { connector, task, generation, config } = work;
  const nothing = { groups: {}, transforms: [], predicates: [], plugin: [] };
  return { connector, task, generation, type: typeOf(config), state, ...nothing };
}

function connectorOf({ connector, config }: Work, { state, version }: WorkReport): ConnectorMetrics {
  return { connector, state, type: typeOf(config), class: config["connector.class"] ?? "", version };
}

/** Only sinks name topics to read. */
function typeOf(config: Readonly<Record<string, string>>): "source" | "sink" {
  return "topics" in config || "topics.regex" in config ? "sink" : "source";
}
