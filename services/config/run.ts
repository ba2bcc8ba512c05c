import { connectNats } from "@millrace/bus";
import { metricsText } from "@millrace/metrics";
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
import { systemClock as clock } from "@millrace/time";
import { createConfig } from "./handlers.ts";
import { openPostgresStore } from "./store-postgres.ts";

const natsUrlDefault = "nats://127.0.0.1:4222";
const maxConnections = 5;

/** The config service as a process of its own. Resolves with the exit code after a signal. */
export function runConfig(sources: WorkerConfigSources): Promise<number> {
  return runUntilSignal({
    logger: createLogger({ name: "config" }),
    async start({ signal, onStop, logTo }) {
      const worker = await resolveWorkerConfig(sources);
      const levels = new LogLevels(worker.logLevel);
      const logger = createWorkerLogger("config", worker, levels);
      logTo(logger);
      if (worker.databaseUrl === null) {
        throw new WorkerConfigError("The config service needs Postgres: set millrace.database.url or DATABASE_URL");
      }
      const applicationName = "millrace-config";
      const postgres = await openPostgres(worker.databaseUrl, { maxConnections, applicationName, logger, signal });
      onStop("the connections to Postgres", () => postgres.close());
      const schema = schemaName(worker.groupId);
      const store = await openPostgresStore(postgres, schema);
      const url = worker.natsUrl ?? natsUrlDefault;
      const bus = await connectNats({ url, prefix: worker.groupId, name: "config", clock, logger, signal });
      onStop("the connection to NATS", () => bus.close());
      await bus.subscribe(loggerLevel, ({ logger: name, level }) => void levels.set(name, level, clock.nowMs()));
      const config = createConfig({ bus, store, clock, logger });
      onStop("the config service", () => config.stop());
      await config.start();
      const serving = await serveMetrics(worker.metricsListeners, async (format) =>
        metricsText({ sets: [], tasks: [], more: processMetrics("config") }, { naming: worker.metricsNaming, format }),
      );
      onStop("the metrics", () => serving.close());
      logger.info("the config service answers", { groupId: worker.groupId, schema });
    },
  });
}
