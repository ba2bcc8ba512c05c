import { connectNats } from "@millrace/bus";
import { openPostgres, schemaName } from "@millrace/postgres";
import {
  createLogger,
  createWorkerLogger,
  loadWorkerConfig,
  runUntilSignal,
  type WorkerConfig,
  WorkerConfigError,
  type WorkerConfigSources,
} from "@millrace/service";
import { systemClock as clock, systemRandom as random } from "@millrace/time";
import type { SchedulerOptions } from "./model.ts";
import { createScheduler } from "./scheduler.ts";
import { openPostgresStore } from "./store-postgres.ts";

const natsUrlDefault = "nats://127.0.0.1:4222";
const maxConnections = 5;
/** What a runner may need beyond the graceful timeout to end a host that does not stop, and to say so. */
const releaseSlackMs = 5_000;

/** A scheduler as a process of its own. Resolves with the exit code after a signal. */
export function runScheduler(sources: WorkerConfigSources): Promise<number> {
  return runUntilSignal({
    logger: createLogger({ name: "scheduler" }),
    async start({ signal, onStop, logTo }) {
      const worker = loadWorkerConfig(sources);
      const logger = createWorkerLogger("scheduler", worker);
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
      const scheduler = createScheduler({ bus, store, clock, random, logger, options: optionsOf(worker) });
      onStop("the scheduler", () => scheduler.stop());
      await scheduler.start();
      logger.info("the scheduler is ready", { groupId: worker.groupId, schema });
    },
  });
}

function optionsOf(worker: WorkerConfig): Partial<SchedulerOptions> {
  return {
    exactlyOnce: worker.exactlyOnceSourceSupport === "enabled",
    sessionTimeoutMs: worker.sessionTimeoutMs,
    releaseTimeoutMs: worker.taskShutdownGracefulTimeoutMs + releaseSlackMs,
  };
}
