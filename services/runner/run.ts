import { connectNats } from "@millrace/bus";
import {
  createLogger,
  createWorkerLogger,
  type Logger,
  loadWorkerConfig,
  processEnv,
  runUntilSignal,
  type WorkerConfig,
  type WorkerConfigSources,
} from "@millrace/service";
import { millraceVersion } from "@millrace/service/version";
import { systemClock, systemRandom } from "@millrace/time";
import { forkHost } from "./fork-host.ts";
import { LOG_SETTINGS } from "./ipc.ts";
import { pluginSources } from "./plugin-sources.ts";
import { createRunner, type Runner, type RunnerDeps } from "./runner.ts";

const DEFAULT_NATS_URL = "nats://127.0.0.1:4222";
/** Calls into librdkafka that wait: a few for each task of a host. */
const HOST_THREADS = 32;

/** A runner as its own process. */
export function runRunner(sources: WorkerConfigSources): Promise<number> {
  return runUntilSignal({
    logger: createLogger({ name: "runner" }),
    async start({ signal, onStop, logTo }) {
      const worker = loadWorkerConfig(sources);
      const logger = createWorkerLogger("runner", worker);
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
      const runner = openRunner({ worker, bus, logger });
      await runner.start();
      onStop("the runner", () => runner.stop());
      logger.info("the runner is ready", { workerId: worker.workerId, hosts: worker.hosts });
    },
  });
}

/** A runner with real task hosts; standalone puts it beside the other services in one process. */
export function openRunner(deps: Pick<RunnerDeps, "worker" | "bus"> & { logger: Logger }): Runner {
  const { worker, bus, logger } = deps;
  return createRunner({
    bus,
    worker,
    logger,
    plugins: pluginSources(worker.pluginPath),
    spawnHost: () => forkHost({ heapMb: worker.taskHostHeapMb, threads: HOST_THREADS, env: hostEnv(worker) }),
    clock: systemClock,
    random: systemRandom,
    version: millraceVersion,
  });
}

/** Hosts log as their runner does. */
function hostEnv({ logLevel, logFormat, logFile }: WorkerConfig): Record<string, string | undefined> {
  return { ...processEnv(), [LOG_SETTINGS]: JSON.stringify({ logLevel, logFormat, logFile }) };
}
