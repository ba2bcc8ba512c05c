// Runs one task in this process, without services, so that `node --cpu-prof` sees all of it; a sink on a topic that
// `fill-topic.ts` has filled:
//   KAFKA_BOOTSTRAP_SERVERS=… UV_THREADPOOL_SIZE=64 node --cpu-prof --cpu-prof-dir=/tmp/prof --import tsx \
//     test/bench/profile/task.ts <records> '<connector config as JSON>' ['<task config as JSON>']
// With OTEL_EXPORTER_OTLP_ENDPOINT it sends traces.
import { setImmediate } from "node:timers/promises";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { loadWorkerConfig, openConfigProviders, silentLogger } from "@millrace/service";
import { systemClock, systemRandom } from "@millrace/time";
import { pluginSources } from "../../../services/runner/plugin-sources.ts";
import { loadPlugins } from "../../../services/runner/task-host/plugins.ts";
import { RunningTask } from "../../../services/runner/task-host/running-task.ts";
import { OffsetsTopics } from "../../../services/runner/task-host/source/offsets-topics.ts";
import { openTracing } from "../../../services/runner/task-host/tracing/open-tracing.ts";

const [records = "1000000", connectorConfig = "{}", ownConfig = connectorConfig] = process.argv.slice(2);
const json = "org.apache.kafka.connect.json.JsonConverter";
const run = Date.now().toString(36);
const worker = loadWorkerConfig({
  mode: "standalone",
  text: "",
  overrides: {
    "bootstrap.servers": process.env.KAFKA_BOOTSTRAP_SERVERS ?? "127.0.0.1:9092",
    "group.id": `profile-${run}`,
    "offset.storage.topic": `profile-${run}-offsets`,
    "offset.storage.partitions": "5",
    "key.converter": json,
    "value.converter": json,
  },
});
const kafka = librdkafkaClient({ clock: systemClock, logger: silentLogger });
const env = {
  worker,
  plugins: await loadPlugins(pluginSources([]), {
    clock: systemClock,
    failed: (path, error) => console.error(path, error),
  }),
  providers: openConfigProviders({ properties: worker.properties, secretsDir: null, env: {} }),
  kafka,
  offsetsTopics: new OffsetsTopics(kafka, systemClock),
  tracing: await openTracing(worker, { env: process.env, clock: systemClock }),
  clock: systemClock,
  random: systemRandom,
  yieldToLoop: () => setImmediate(),
  logger: silentLogger,
};
const connector = `p-${run}`;
const config = {
  name: connector,
  topic: `profile-${run}`,
  "topic.prefix": `profile-${run}-`,
  ...JSON.parse(connectorConfig),
};
const taskConfig = { ...config, ...JSON.parse(ownConfig) };
const startMs = performance.now();
const cpu = process.cpuUsage();
const task = new RunningTask(
  env,
  {
    ...{
      kind: "task",
      connector,
      task: 0,
      generation: 1,
      configVersion: 1,
      tasks: 1,
      targetState: "STARTED",
      restart: 0,
    },
    ...{ config, taskConfig },
  },
  {
    report: ({ state, trace }) => console.log(`${(performance.now() - startMs).toFixed(0)} ms`, state, trace ?? ""),
    tasksPut: async () => ({ changed: true, tasksVersion: 1 }),
    topicsAdd: async () => {},
    reload: () => {},
    assignmentVerify: async () => ({ verdict: "valid" }),
  },
);
let rssBytes = 0;
while (task.stats.recordsCommitted < Number(records)) {
  rssBytes = Math.max(rssBytes, process.memoryUsage.rss());
  await systemClock.sleep(20);
}
const ms = performance.now() - startMs;
const { transactions, recordsCommitted } = task.stats;
const rate = Math.round((recordsCommitted * 1000) / ms);
const { user, system } = process.cpuUsage(cpu);
const cpuMs = Math.round((user + system) / 1000);
const rss = Math.round(rssBytes / 2 ** 20);
console.log(
  `${recordsCommitted} records, ${ms.toFixed(0)} ms, ${rate} records/s, ${transactions} transactions, cpu ${cpuMs} ms, rss ${rss} MB`,
);
await task.stop(5_000);
await env.offsetsTopics.close();
