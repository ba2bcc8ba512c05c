import { connectNats } from "@millrace/bus";
import { loggerLevel } from "@millrace/protocol";
import {
  createLogger,
  createWorkerLogger,
  LogLevels,
  resolveWorkerConfig,
  runUntilSignal,
  type WorkerConfigSources,
} from "@millrace/service";
import { systemClock as clock } from "@millrace/time";
import { openGateway } from "./open.ts";

const NATS_URL_DEFAULT = "nats://127.0.0.1:4222";

/** The gateway as a process of its own. Resolves with the exit code after a signal. */
export function runGateway(sources: WorkerConfigSources): Promise<number> {
  return runUntilSignal({
    logger: createLogger({ name: "gateway" }),
    async start({ signal, onStop, logTo }) {
      const worker = await resolveWorkerConfig(sources);
      const levels = new LogLevels(worker.logLevel);
      const logger = createWorkerLogger("gateway", worker, levels);
      logTo(logger);
      const url = worker.natsUrl ?? NATS_URL_DEFAULT;
      const bus = await connectNats({ url, prefix: worker.groupId, name: "gateway", clock, logger, signal });
      onStop("the connection to NATS", () => bus.close());
      await bus.subscribe(loggerLevel, ({ logger: name, level }) => void levels.set(name, level, clock.nowMs()));
      const serving = await openGateway({ worker, bus, clock, logger, levels });
      onStop("the REST listeners", () => serving.close());
      logger.info("the REST API is ready", { addresses: serving.addresses });
    },
  });
}
