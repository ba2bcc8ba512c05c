import { connectNats } from "@millrace/bus";
import { loggerLevel } from "@millrace/protocol";
import {
  createLogger,
  createWorkerLogger,
  type Logger,
  LogLevels,
  processEnv,
  processMetrics,
  resolveWorkerConfig,
  runUntilSignal,
  serveMetrics,
  type WorkerConfig,
  type WorkerConfigSources,
} from "@millrace/service";
import { millraceVersion } from "@millrace/service/version";
import { systemClock, systemRandom } from "@millrace/time";
import { forkHost } from "./fork-host.ts";
import { type HostLogSettings, LOG_SETTINGS } from "./ipc.ts";
import { pluginSources } from "./plugin-sources.ts";
import { createRunner, type Runner, type RunnerDeps } from "./runner.ts";
import { runnerText } from "./runner-text.ts";

const DEFAULT_NATS_URL = "nats://127.0.0.1:4222";
/** Calls into librdkafka that wait: a few for each task of a host. */
const HOST_THREADS = 32;

/** A runner as its own process. */
export function runRunner(sources: WorkerConfigSources): Promise<number> {
  return runUntilSignal({
    logger: createLogger({ name: "runner" }),
    async start({ signal, onStop, logTo }) {
      const worker = await resolveWorkerConfig(sources);
      const levels = new LogLevels(worker.logLevel);
      const logger = createWorkerLogger("runner", worker, levels);
      logTo(logger);
      const bus = await connectNats({
        url: worker.natsUrl ?? DEFAULT_NATS_URL,
        prefix: worker.groupId,
        name: "runner",
        clock: systemClock,
        logger,
        signal,
      });
      onStop("the connection to NATS", () => bus.close());
      await bus.subscribe(loggerLevel, ({ logger: name, level }) => void levels.set(name, level, systemClock.nowMs()));
      const runner = openRunner({ worker, bus, logger, levels });
      await runner.start();
      const { metricsNaming: naming } = worker;
      const serving = await serveMetrics(worker.metricsListeners, async (format) =>
        runnerText(await runner.metrics(), processMetrics("runner"), { naming, format }),
      );
      onStop("the metrics", () => serving.close());
      onStop("the runner", () => runner.stop(), worker.taskShutdownGracefulTimeoutMs);
      logger.info("the runner is ready", { workerId: worker.workerId, hosts: worker.hosts });
    },
  });
}

/** A runner with real task hosts; standalone puts it beside the other services in one process. */
export function openRunner(deps: Pick<RunnerDeps, "worker" | "bus" | "levels"> & { logger: Logger }): Runner {
  const { worker, bus, logger, levels } = deps;
  return createRunner({
    bus,
    worker,
    logger,
    levels,
    plugins: pluginSources(worker.pluginPath),
    spawnHost: () => {
      const { taskHostHeapMb: heapMb } = worker;
      return forkHost({ heapMb, threads: HOST_THREADS, env: hostEnv(worker, levels), clock: systemClock });
    },
    clock: systemClock,
    random: systemRandom,
    version: millraceVersion,
  });
}

/** Hosts log as their runner does. */
function hostEnv(worker: WorkerConfig, levels: LogLevels): Record<string, string | undefined> {
  const { logLevel, logFormat, logFile } = worker;
  const settings: HostLogSettings = { logLevel, logFormat, logFile, levels: levels.list() };
  return { ...processEnv(), [LOG_SETTINGS]: JSON.stringify(settings) };
}
