import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MemoryHub } from "@millrace/bus";
import { createConfig, openJournalStore as openConfigJournal } from "@millrace/config";
import { openGateway } from "@millrace/gateway";
import { connectorPut } from "@millrace/protocol";
import { openRunner } from "@millrace/runner";
import { createScheduler, openJournalStore as openSchedulerJournal, schedulerOptions } from "@millrace/scheduler";
import {
  connectorConfigFromFile,
  createLogger,
  createWorkerLogger,
  type Lifetime,
  type Logger,
  LogLevels,
  openDataDir,
  resolveWorkerConfig,
  runUntilSignal,
  type WorkerConfig,
  type WorkerConfigSources,
} from "@millrace/service";
import { systemClock, systemRandom } from "@millrace/time";

export interface StandaloneOptions {
  readonly worker: WorkerConfigSources;
  /** Files of connectors to create, or to replace, at the start. */
  readonly connectorFiles: readonly string[];
}

/** As the NATS servers of compose.yaml and `millrace cluster`: the assignment of one runner is one message. */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

/** Everything in one process: the four services on a memory bus, state in a data folder, tasks in host processes. */
export function runStandalone(options: StandaloneOptions): Promise<number> {
  return runUntilSignal({
    logger: createLogger({ name: "standalone" }),
    async start(lifetime) {
      const worker = await resolveWorkerConfig(options.worker);
      const levels = new LogLevels(worker.logLevel);
      const logger = createWorkerLogger("standalone", worker, levels);
      lifetime.logTo(logger);
      await startStandalone({ worker, logger, levels, connectorFiles: options.connectorFiles }, lifetime);
    },
  });
}

/** Starts the services; stops are added to `lifetime` in the order they must not be taken down. */
export async function startStandalone(
  deps: { worker: WorkerConfig; logger: Logger; levels: LogLevels; connectorFiles: readonly string[] },
  lifetime: Pick<Lifetime, "onStop">,
): Promise<{ readonly addresses: readonly string[]; readonly hub: MemoryHub }> {
  const { worker, logger, levels } = deps;
  const clock = systemClock;
  const files = await Promise.all(
    deps.connectorFiles.map(async (path) => connectorConfigFromFile(path, await readFile(path, "utf8"))),
  );
  const dataDir = openDataDir(worker);
  lifetime.onStop("the data folder", () => dataDir.release());
  const hub = new MemoryHub({ clock, payloadBytesMax: MESSAGE_BYTES_MAX, logger });
  const bus = () => hub.connect();

  const configStore = await openConfigJournal(join(dataDir.path, "config.journal"), { logger });
  lifetime.onStop("the config store", () => configStore.close());
  const config = createConfig({ bus: bus(), store: configStore, clock, logger });
  await config.start();
  lifetime.onStop("the config service", () => config.stop());

  const schedulerStore = await openSchedulerJournal(join(dataDir.path, "scheduler.journal"), clock);
  lifetime.onStop("the scheduler's store", () => schedulerStore.close());
  const scheduler = createScheduler({
    bus: bus(),
    store: schedulerStore,
    clock,
    random: systemRandom,
    logger,
    options: schedulerOptions(worker),
  });
  await scheduler.start();
  lifetime.onStop("the scheduler", () => scheduler.stop());

  const gatewayBus = bus();
  const serving = await openGateway({ worker, bus: gatewayBus, clock, logger, levels });
  const runner = openRunner({ worker, bus: bus(), logger, levels });
  await runner.start();
  lifetime.onStop("the runner", () => runner.stop(), worker.taskShutdownGracefulTimeoutMs);
  lifetime.onStop("the REST listeners", () => serving.close());
  for (const file of files) {
    await gatewayBus.request(
      connectorPut,
      { name: file.name, config: { ...file.config }, createOnly: false, ...initialTargetState(file.initialState) },
      { timeoutMs: 90_000 },
    );
    logger.info("connector created from its file", { connector: file.name });
  }
  logger.info("Millrace standalone is ready", { addresses: serving.addresses, dataDir: dataDir.path });
  return { addresses: serving.addresses, hub };
}

function initialTargetState(state: "RUNNING" | "PAUSED" | "STOPPED" | null) {
  if (state === null) return {};
  return { initialTargetState: state === "RUNNING" ? ("STARTED" as const) : state };
}
