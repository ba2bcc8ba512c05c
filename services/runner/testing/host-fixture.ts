import {
  ConfigDef,
  definePlugin,
  type Plugin,
  Schema,
  type SourceRecord,
  type SourceTaskContext,
} from "@millrace/connect";
import convertersPlugins from "@millrace/converters/plugin";
import { FakeCluster } from "@millrace/kafka/fake";
import type { ConnectorWork, TaskWork, WorkReport } from "@millrace/protocol";
import { loadWorkerConfig, openConfigProviders } from "@millrace/service";
import { VirtualClock } from "@millrace/time";
import type { HostEnvironment } from "../task-host/environment.ts";
import { PluginCatalogue } from "../task-host/plugin-catalogue.ts";
import type { ControlLink } from "../task-host/running-task.ts";
import { OffsetsTopics } from "../task-host/source/offsets-topics.ts";
import type { Tracing } from "../task-host/tracing/open-tracing.ts";

const STRING_CONVERTER = "org.apache.kafka.connect.storage.StringConverter";

/** What a scripted source task does; each test gives its own. */
export interface ScriptedTask {
  start?(context: SourceTaskContext): void | Promise<void>;
  poll(context: SourceTaskContext): readonly SourceRecord[] | null | Promise<readonly SourceRecord[] | null>;
  commit?(): void;
  commitRecord?(record: SourceRecord, metadata: unknown): void;
  stop?(): void;
}

export interface LoggedLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** The inside of a task host on a fake Kafka cluster and a virtual clock. */
export interface HostFixture {
  readonly cluster: FakeCluster;
  readonly clock: VirtualClock;
  readonly env: HostEnvironment;
  readonly reports: WorkReport[];
  readonly logs: readonly LoggedLine[];
  /** What tasks told of the topics they use. */
  readonly topicsAdded: readonly string[];
  /** Keys of work that asked to begin anew. */
  readonly reloads: readonly string[];
  readonly link: ControlLink & { verdict: "valid" | "new-generation" | "revoked" };
  /** Moves the clock in small steps until `done`; fails after `maxMs` of virtual time. */
  until(what: string, done: () => boolean, maxMs?: number): Promise<void>;
}

export function openHostFixture(options: {
  readonly task?: () => ScriptedTask;
  readonly plugins?: readonly Plugin[];
  readonly worker?: Readonly<Record<string, string>>;
  /** Environment variables that the `secrets` provider reads. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly tracing?: Tracing;
}): HostFixture {
  const clock = new VirtualClock();
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const cluster = new FakeCluster({ clock, random });
  cluster.createTopic({ topic: "out", partitions: 1, replicationFactor: 1, configs: {} });
  const kafka = cluster.client();
  const worker = loadWorkerConfig({
    text: `bootstrap.servers=fake:9092\ngroup.id=g\nkey.converter=${STRING_CONVERTER}\nvalue.converter=${STRING_CONVERTER}\n`,
    mode: "standalone",
    overrides: { "offset.storage.partitions": "2", ...options.worker },
  });
  const own = options.task ? [scriptedSource(options.task)] : [];
  const logs: LoggedLine[] = [];
  const env: HostEnvironment = {
    worker,
    plugins: new PluginCatalogue([...convertersPlugins, ...own, ...(options.plugins ?? [])]),
    providers: openConfigProviders({ properties: worker.properties, secretsDir: null, env: options.secrets ?? {} }),
    kafka,
    offsetsTopics: new OffsetsTopics(kafka, clock),
    tracing: options.tracing ?? null,
    clock,
    random,
    yieldToLoop: () => new Promise((resolve) => setImmediate(resolve)),
    logger: recordingLogger(logs),
  };
  const reports: WorkReport[] = [];
  const topicsAdded: string[] = [];
  const reloads: string[] = [];
  const link: HostFixture["link"] = {
    verdict: "valid",
    report: (report) => void reports.push(report),
    tasksPut: async () => ({ changed: true, tasksVersion: 1 }),
    topicsAdd: async ({ topics }) => void topicsAdded.push(...topics),
    reload: (key) => void reloads.push(key),
    assignmentVerify: async () => ({ verdict: link.verdict }),
  };
  return {
    cluster,
    clock,
    env,
    reports,
    logs,
    topicsAdded,
    reloads,
    link,
    until: (what, done, maxMs) => until(clock, what, done, maxMs),
  };
}

function recordingLogger(logs: LoggedLine[]): HostEnvironment["logger"] {
  const write = (level: LoggedLine["level"]) => (message: string, fields?: Record<string, unknown>) => {
    logs.push({ level, message, fields: fields ?? {} });
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: () => recordingLogger(logs),
  };
}

export function taskWork(overrides: Partial<TaskWork> & { config?: Record<string, string> } = {}): TaskWork {
  return {
    kind: "task",
    connector: "c",
    task: 0,
    generation: 1,
    configVersion: 1,
    taskConfig: {},
    tasks: 1,
    targetState: "STARTED",
    restart: 0,
    ...overrides,
    config: { "connector.class": "test.ScriptedSource", name: "c", ...overrides.config },
  };
}

export function connectorWork(overrides: Partial<ConnectorWork> = {}): ConnectorWork {
  return {
    kind: "connector",
    connector: "c",
    configVersion: 1,
    targetState: "STARTED",
    restart: 0,
    ...overrides,
    config: { "connector.class": "test.ScriptedSource", name: "c", ...overrides.config },
  };
}

/** A record of topic `out` with offset `n` in source partition `p`. */
export function record(n: number, p = "a", topic = "out"): SourceRecord {
  return { sourcePartition: { p }, sourceOffset: { n }, topic, valueSchema: Schema.STRING, value: `${p}${n}` };
}

/** Values that a read_committed consumer of the topic sees. */
export function committedValues(cluster: FakeCluster, topic = "out"): string[] {
  return cluster.log(topic).map(({ value }) => new TextDecoder().decode(value ?? new Uint8Array()));
}

/** The committed offset `n` of each source partition, as the offsets topic holds it. */
export function committedOffsets(cluster: FakeCluster, topic = "connect-offsets"): Record<string, number> {
  const decoder = new TextDecoder();
  const offsets: Record<string, number> = {};
  for (const { key, value } of cluster.log(topic)) {
    const [, partition] = JSON.parse(decoder.decode(key ?? new Uint8Array()));
    offsets[partition.p] = JSON.parse(decoder.decode(value ?? new Uint8Array())).n;
  }
  return offsets;
}

function scriptedSource(script: () => ScriptedTask): Plugin {
  return definePlugin({
    type: "source",
    class: "test.ScriptedSource",
    version: "1",
    overview: "Does what the test says.",
    config: new ConfigDef(),
    exactlyOnceSupport: () => "SUPPORTED",
    canDefineTransactionBoundaries: () => "SUPPORTED",
    create: () => ({
      start() {},
      taskConfigs: () => [{}],
      stop() {},
      task() {
        const scripted = script();
        let context: SourceTaskContext;
        return {
          start(given) {
            context = given;
            return scripted.start?.(given);
          },
          poll: () => scripted.poll(context),
          ...(scripted.commit ? { commit: () => scripted.commit?.() } : {}),
          ...(scripted.commitRecord
            ? { commitRecord: (r: SourceRecord, m: unknown) => scripted.commitRecord?.(r, m) }
            : {}),
          stop: () => scripted.stop?.(),
        };
      },
    }),
  });
}

/** `standStill`: real work that virtual time has to wait for, before each step. */
export async function until(
  clock: VirtualClock,
  what: string,
  done: () => boolean,
  maxMs = 60_000,
  standStill: () => Promise<void> = async () => {},
): Promise<void> {
  for (let passedMs = 0; passedMs <= maxMs; passedMs += 10) {
    await standStill();
    if (done()) return;
    await clock.advance(10);
  }
  throw new Error(`${what}: not within ${maxMs} ms of virtual time`);
}
