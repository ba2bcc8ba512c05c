import { performance } from "node:perf_hooks";
import { gunzipSync } from "node:zlib";
import { MemoryHub } from "@millrace/bus";
import { createGateway } from "@millrace/gateway/app";
import { WINDOW_DEFAULT } from "@millrace/metrics";
import { type ConnectorStatus, runnerList, runnerMetrics, statusList, type TaskMetrics } from "@millrace/protocol";
import { LogLevels } from "@millrace/service/log-levels";
import { systemClock as clock } from "@millrace/time";
import { metricPages } from "../../services/runner/metric-pages.ts";
import { taskMetricGroups } from "../../services/runner/task-host/task-metrics.ts";
import { TaskStats } from "../../services/runner/task-host/task-stats.ts";

/** What one scrape of a whole cluster costs a gateway: `node --import tsx test/bench/scrape.ts [tasks] [naming]`. */
const [tasks = "2000", naming = "both"] = process.argv.slice(2);
const connectors = Math.ceil(Number(tasks) / 4);
const works = Array.from({ length: Number(tasks) }, (_, n) => ({
  connector: `orders-${Math.floor(n / 4)}`,
  task: n % 4,
}));

function measured({ connector, task }: { connector: string; task: number }): TaskMetrics {
  const stats = new TaskStats({ clock, window: WINDOW_DEFAULT });
  stats.parts = {
    type: "source",
    texts: Object.fromEntries(
      ["connector", "task", "key-converter", "value-converter", "header-converter"].flatMap((part) => [
        [`${part}-class`, `org.apache.kafka.connect.${part}.SomeClassOfThatName`],
        [`${part}-version`, "4.3.1"],
      ]),
    ),
    transforms: [],
    predicates: [],
  };
  stats.polled(500, 12.3456, 81_234, 3);
  stats.committed(497, 23.4567, 2);
  const steps = { transforms: [], predicates: [] };
  const times = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  const groups = taskMetricGroups({ type: "source", stats, restarts: 0, plugin: [], ...times });
  return {
    connector,
    task,
    generation: 1,
    type: "source",
    state: "RUNNING",
    groups,
    ...steps,
    plugin: [],
  };
}

const hub = new MemoryHub({ clock, payloadBytesMax: 8 * 1024 * 1024 });
const bus = hub.connect();
const statuses = Array.from({ length: connectors }, (_, n): ConnectorStatus => {
  const name = `orders-${n}`;
  const state = { state: "RUNNING" as const, workerId: "runner-1:8083", version: "4.3.1", trace: null };
  const own = works.filter(({ connector }) => connector === name);
  return { name, connector: state, tasks: own.map(({ task }) => ({ id: task, ...state })) };
});
await bus.respond(statusList, ({ after }) => {
  const from = after === null ? 0 : statuses.findIndex(({ name }) => name === after) + 1;
  return { statuses: statuses.slice(from, from + 200), more: from + 200 < statuses.length };
});
await bus.respond(runnerList, () => ({ runners: [{ runner: "r", workerId: "runner-1:8083", hosts: 4 }] }));
const about = { runner: "r", workerId: "runner-1:8083", version: "1", groups: {}, hosts: [] };
const entries = works.map(({ connector, task }) => ({
  work: {
    kind: "task" as const,
    connector,
    task,
    generation: 1,
    configVersion: 1,
    config: {},
    taskConfig: {},
    tasks: 4,
    targetState: "STARTED" as const,
    restart: 0,
  },
  report: {
    connector,
    task,
    generation: 1,
    restart: 0,
    state: "RUNNING" as const,
    active: true,
    trace: null,
    version: "1",
  },
}));
let measuringMs = 0;
let pages: ReturnType<typeof metricPages> = [];
await bus.respond(runnerMetrics("r"), ({ page }) => {
  if (page === 0) {
    const beganMs = performance.now();
    pages = metricPages({ about, entries, tasks: works.map(measured) });
    measuringMs = performance.now() - beganMs;
  }
  return pages[page]!;
});
const gateway = createGateway({
  bus: hub.connect(),
  options: { metricsNaming: naming as "both" },
  logger: { debug() {}, error: console.error },
  levels: new LogLevels("info"),
  clock,
});
for (let round = 0; round < 5; round++) {
  await clock.sleep(600);
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  const headers = { accept: "application/openmetrics-text", "accept-encoding": "gzip" };
  const response = await gateway.fetch(new Request("http://gateway/metrics", { headers }));
  const zipped = Buffer.from(await response.arrayBuffer());
  const ms = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(cpu);
  const text = gunzipSync(zipped);
  const series = text
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")).length;
  const mb = (bytes: number) => (bytes / 1e6).toFixed(2);
  console.log(
    `${tasks} tasks: ${series} series, ${mb(text.length)} MB, ${mb(zipped.length)} MB zipped, ${pages.length} pages, ` +
      `${ms.toFixed(0)} ms of which measuring ${measuringMs.toFixed(0)} ms, cpu ${((user + system) / 1e3).toFixed(0)} ms`,
  );
}
await hub.connect().close();
process.exit(0);
