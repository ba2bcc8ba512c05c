import { ConnectError } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { KafkaClient } from "@millrace/kafka";
import type { Restarts, TargetState, Work } from "@millrace/protocol";
import { isResolved, type LogLevels, openConfigProviders, type WorkerConfig } from "@millrace/service";
import type { Clock, Random } from "@millrace/time";
import type { BrokenPlugin } from "../broken-plugins.ts";
import { type ControlMethods, type HostMethods, type IpcMessage, Peer } from "../ipc.ts";
import { workKey } from "../work-key.ts";
import { Activity, currentActivity, inActivity } from "./activity.ts";
import { alterOffsets } from "./alter-offsets.ts";
import { cleanUp } from "./clean-up.ts";
import { connectionConfig } from "./client-configs.ts";
import { RunningConnector } from "./connector/running-connector.ts";
import { validateConnector } from "./connector/validate.ts";
import { connectorOffsets } from "./connector-offsets.ts";
import { answerGroups, answerList, answerReplay } from "./dead-letters/answers.ts";
import type { HostEnvironment } from "./environment.ts";
import { fenceTasks } from "./fence.ts";
import type { LoggedLine } from "./log-forwarder.ts";
import { pluginDefinitions, pluginInfos } from "./plugin-answers.ts";
import type { PluginCatalogue } from "./plugin-catalogue.ts";
import { loadPlugins, PLUGIN_KEY, type PluginSources } from "./plugins.ts";
import { previewConnector } from "./preview/preview.ts";
import { type ControlLink, RunningTask } from "./running-task.ts";
import { OffsetsTopics } from "./source/offsets-topics.ts";
import { traceOf } from "./trace.ts";
import { openTracing } from "./tracing/open-tracing.ts";

export interface TaskHostDeps {
  readonly send: (message: IpcMessage) => void;
  readonly kafka: KafkaClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly yieldToLoop: () => Promise<void>;
  readonly logger: HostEnvironment["logger"];
  /** Of `logger`. */
  readonly levels: LogLevels;
  /** For config providers that read the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Processor time this process has used; absent in a simulation. */
  readonly cpuMs?: () => number;
  /** Told once, when the host is ready for work. */
  readonly configured?: (worker: WorkerConfig) => void;
  /** A simulation gives plugins that are loaded already; without it they are imported from the sources. */
  readonly loadPlugins?: typeof loadPlugins;
}

export interface TaskHost {
  deliver(message: IpcMessage): void;
  /** An error that nobody caught. It fails the work whose code threw it; `exit` is called when that is nobody's. */
  uncaught(error: unknown, exit: () => void): void;
  /** What it has logged for its connectors. */
  logged(lines: readonly LoggedLine[]): void;
  /** The control process is gone: stops everything without committing what it hasn't. */
  close(): Promise<void>;
}

const CALL_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 2_000;
const DYING_TIMEOUT_MS = 1_000;

/** A task host: the only kind of process that loads plugins and Kafka clients. Does what its control process says. */
export function createTaskHost(deps: TaskHostDeps): TaskHost {
  /** Plugins whose stray errors were logged. */
  const straying = new Set<string>();
  const running = new Map<string, RunningConnector | RunningTask>();
  let environment: Promise<HostEnvironment> | null = null;

  const env = (): Promise<HostEnvironment> => {
    if (environment === null) throw new Error("the task host was not configured before its first call");
    return environment;
  };
  const peer: Peer<HostMethods, ControlMethods> = new Peer<HostMethods, ControlMethods>({
    send: deps.send,
    clock: deps.clock,
    handlers: {
      configure: async ({ worker, plugins, quarantined }) => {
        failPoint("host.configure.before");
        environment ??= openEnvironment(deps, worker, () => load(plugins, quarantined));
        await environment;
        deps.configured?.(worker);
        failPoint("host.configure.after");
        return {};
      },
      start: async ({ work, restarts }) => start(await env(), work, restarts ?? null),
      // These wait as `start` does, so that one that follows it finds what was started.
      target: async ({ key, targetState }) => {
        await env();
        return target(key, targetState);
      },
      stop: async ({ key, timeoutMs }) => {
        await env();
        return stop(key, timeoutMs);
      },
      ping: () => ({ cpuMs: deps.cpuMs?.() ?? 0 }),
      stats: () => ({
        tasks: [...running.values()].flatMap((work) => (work instanceof RunningTask ? work.entry() : [])),
      }),
      metrics: () => ({
        tasks: [...running.values()].flatMap((work) => (work instanceof RunningTask ? work.metrics() : [])),
      }),
      pluginList: async () => ({ plugins: pluginInfos(await env()) }),
      pluginValidate: async ({ config }) => {
        failPoint("host.validate.before");
        const known = await env();
        const whose = `the validation of ${config["connector.class"]}`;
        const answer = await asking(whose, () => validateConnector(known, config));
        failPoint("host.validate.after");
        return answer;
      },
      pluginConfig: async ({ plugin, version }) => ({ definitions: pluginDefinitions(await env(), plugin, version) }),
      offsetsGet: async ({ connector, config }) => ({
        offsets: await connectorOffsets(await env(), connector, config),
      }),
      offsetsAlter: async ({ connector, config, offsets }) => {
        const known = await env();
        const alter = () => alterOffsets(known, { connector, rawConfig: config, offsets });
        return { altered: await asking(`a change of the offsets of ${connector}`, alter) };
      },
      cleanUp: async (question) => {
        const known = await env();
        return { cleansUp: await asking(`cleaning up after ${question.connector}`, () => cleanUp(known, question)) };
      },
      deadLetterGroups: async (question) => answerGroups(await env(), question),
      deadLetterList: async (question) => answerList(await env(), question),
      deadLetterReplay: async (question) => {
        const known = await env();
        return asking(`a replay of dead letters of ${question.connector}`, () => answerReplay(known, question));
      },
      preview: async (question) => {
        const known = await env();
        return asking(`a preview of ${question.connector}`, () => previewConnector(known, question));
      },
      fence: async ({ connector, config, tasks }) => {
        failPoint("host.fence.before");
        await fenceTasks(await env(), connector, config, tasks);
        failPoint("host.fence.after");
        return {};
      },
      logLevels: ({ levels }) => {
        deps.levels.replace(levels);
        return {};
      },
      topicsForgotten: ({ connector }) => {
        for (const work of running.values()) if (work instanceof RunningTask) work.topicsForgotten(connector);
        return {};
      },
      kafkaClusterId: async () => ({ clusterId: await clusterId(await env()) }),
    },
  });

  const link: ControlLink = {
    report: (report) => void peer.call("report", { report }, CALL_TIMEOUT_MS).catch(() => {}),
    tasksPut: (put) => peer.call("tasksPut", put, CALL_TIMEOUT_MS),
    topicsAdd: (used) => peer.call("topicsAdd", used, CALL_TIMEOUT_MS),
    reload: (key) => void peer.call("reload", { key }, CALL_TIMEOUT_MS).catch(() => {}),
    assignmentVerify: (task) => peer.call("assignmentVerify", task, CALL_TIMEOUT_MS),
  };

  function load(sources: PluginSources, quarantined: readonly BrokenPlugin[]): Promise<PluginCatalogue> {
    const tell = (said: Promise<unknown>) => void said.catch(() => {});
    return (deps.loadPlugins ?? loadPlugins)(sources, {
      clock: deps.clock,
      failed: (file, error) => {
        const isLate = error instanceof ConnectError && error.code === "PLUGIN_LATE";
        const broken = { file, reason: String(error), trace: traceOf(error), isLate };
        tell(peer.call("pluginBroken", broken, CALL_TIMEOUT_MS));
      },
      loading: (file) => {
        tell(peer.call("pluginLoading", { file }, CALL_TIMEOUT_MS));
      },
      quarantined: new Set(quarantined.map(({ file }) => file)),
    });
  }

  /** The control process stops a key before it starts it again, so that two of one key never run here. */
  function start(environment: HostEnvironment, work: Work, restarts: Restarts | null): Record<string, never> {
    const key = workKey(work);
    failPoint("host.start.before");
    if (running.has(key)) throw new Error(`${key} is already running in this host`);
    const started =
      work.kind === "connector"
        ? new RunningConnector(environment, work, link, restarts)
        : new RunningTask(environment, work, link, restarts);
    running.set(key, started);
    return {};
  }

  function target(key: string, targetState: TargetState): Record<string, never> {
    running.get(key)?.setTarget(targetState);
    return {};
  }

  async function stop(key: string, timeoutMs: number): Promise<Record<string, never>> {
    failPoint("host.stop.before");
    await running.get(key)?.stop(timeoutMs);
    running.delete(key);
    return {};
  }

  function uncaught(error: unknown, exit: () => void): void {
    const activity = currentActivity();
    const work = activity === null ? undefined : running.get(activity.key);
    if (work !== undefined) {
      work.threw(error);
      return;
    }
    // Nobody's work: what runs may have nothing to do with it.
    if (activity?.key.startsWith(PLUGIN_KEY)) {
      const thrown = { file: activity.key.slice(PLUGIN_KEY.length), trace: traceOf(error) };
      if (!straying.has(activity.key)) {
        deps.logger.error("code that a plugin started when it was loaded threw an error that nobody caught", thrown);
      }
      straying.add(activity.key);
      return;
    }
    const hide = (text: string) => [...running.values()].reduce((hidden, each) => each.hide(hidden), text);
    deps.logger.error("an error that nobody caught ends this task host", { trace: hide(traceOf(error)) });
    const whose = activity === null ? "" : ` in ${activity.key}`;
    const reason = `an error that nobody caught${whose}: ${hide(String(error))}`;
    void peer.call("dying", { reason }, DYING_TIMEOUT_MS).then(exit, exit);
  }

  return {
    deliver: (message) => peer.deliver(message),
    logged: (lines) => void peer.call("logged", { lines }, CALL_TIMEOUT_MS).catch(() => {}),
    uncaught,
    async close() {
      peer.disconnect("the control process is gone");
      await Promise.all([...running.keys()].map((key) => stop(key, CLOSE_TIMEOUT_MS)));
      if (environment !== null) await (await environment).offsetsTopics.close();
    },
  };
}

/** Code of a plugin that belongs to no work. */
function asking<T>(question: string, run: () => Promise<T>): Promise<T> {
  return inActivity(new Activity(question), run);
}

async function openEnvironment(
  deps: TaskHostDeps,
  worker: WorkerConfig,
  load: () => Promise<PluginCatalogue>,
): Promise<HostEnvironment> {
  const { kafka, clock, random, yieldToLoop, logger, env } = deps;
  const plugins = await load();
  const providers = openConfigProviders({ properties: worker.properties, secretsDir: worker.secretsDir, env });
  const { config, secrets } = await providers.reveal(forClients(worker.properties));
  const offsetsTopics = new OffsetsTopics(kafka, clock);
  return {
    worker: { ...worker, properties: { ...worker.properties, ...config } },
    plugins,
    providers: providers.alsoHiding(secrets),
    tracing: await openTracing(worker, { env, clock }),
    ...{ kafka, offsetsTopics, clock, random, yieldToLoop, logger },
  };
}

/** The settings of Kafka clients and converters among others: what services need for themselves is none of a host's business. */
function forClients(properties: Readonly<Record<string, string>>): Record<string, string> {
  const wanted = Object.entries(properties).filter(([key]) => isResolved(key) && !key.startsWith("millrace."));
  return Object.fromEntries(wanted);
}

async function clusterId(env: HostEnvironment): Promise<string> {
  const admin = await env.kafka.admin({ ...connectionConfig(env.worker.properties), "client.id": "millrace-admin" });
  try {
    return await admin.clusterId();
  } finally {
    await admin.close();
  }
}
