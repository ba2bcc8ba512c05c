import { connectNats } from "@millrace/bus";
import { type MetricSet, metricsText } from "@millrace/metrics";
import { openPostgres, schemaName } from "@millrace/postgres";
import { loggerLevel } from "@millrace/protocol";
import {
  createLogger,
  createWorkerLogger,
  LogLevels,
  processMetrics,
  resolveWorkerConfig,
  runUntilSignal,
  serveMetrics,
  WorkerConfigError,
  type WorkerConfigSources,
} from "@millrace/service";
import { systemClock as clock, systemRandom as random } from "@millrace/time";
import { schedulerOptions } from "./options.ts";
import { createScheduler } from "./scheduler.ts";
import { openPostgresStore } from "./store-postgres.ts";

const natsUrlDefault = "nats://127.0.0.1:4222";
const maxConnections = 5;

/** A scheduler as a process of its own. Resolves with the exit code after a signal. */
export function runScheduler(sources: WorkerConfigSources): Promise<number> {
  return runUntilSignal({
    logger: createLogger({ name: "scheduler" }),
    async start({ signal, onStop, logTo }) {
      const worker = await resolveWorkerConfig(sources);
      const levels = new LogLevels(worker.logLevel);
      const logger = createWorkerLogger("scheduler", worker, levels);
      logTo(logger);
      if (worker.databaseUrl === null) {
        throw new WorkerConfigError("The scheduler needs Postgres: set millrace.database.url or DATABASE_URL");
      }
      const applicationName = "millrace-scheduler";
      const postgres = await openPostgres(worker.databaseUrl, { maxConnections, applicationName, logger, signal });
      const schema = schemaName(worker.groupId);
      const store = await openPostgresStore(postgres, schema);
      onStop("the connections to Postgres", () => store.close());
      const url = worker.natsUrl ?? natsUrlDefault;
      const bus = await connectNats({ url, prefix: worker.groupId, name: "scheduler", clock, logger, signal });
      onStop("the connection to NATS", () => bus.close());
      await bus.subscribe(loggerLevel, ({ logger: name, level }) => void levels.set(name, level, clock.nowMs()));
      const scheduler = createScheduler({ bus, store, clock, random, logger, options: schedulerOptions(worker) });
      onStop("the scheduler", () => scheduler.stop());
      await scheduler.start();
      const serving = await serveMetrics(worker.metricsListeners, async (format) =>
        metricsText(
          { sets: [schedulerSet(scheduler.leading())], tasks: [], more: processMetrics("scheduler") },
          { naming: worker.metricsNaming, format },
        ),
      );
      onStop("the metrics", () => serving.close());
      logger.info("the scheduler is ready", { groupId: worker.groupId, schema });
    },
  });
}

/** @param epoch with which this scheduler leads; null: it does not. */
function schedulerSet(epoch: number | null): MetricSet {
  const leads = { leading: epoch === null ? 0 : 1, epoch: epoch ?? 0 };
  return { labels: {}, groups: { "millrace-scheduler-metrics": leads } };
}
