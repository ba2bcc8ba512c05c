import { setImmediate } from "node:timers/promises";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { createWorkerLogger, LogLevels, obeyFailPoints, processEnv } from "@millrace/service";
import { systemClock, systemRandom } from "@millrace/time";
import { type HostLogSettings, type IpcMessage, LOG_SETTINGS } from "../ipc.ts";
import { LogForwarder } from "./log-forwarder.ts";
import { forbidExit } from "./no-exit.ts";
import { createTaskHost } from "./task-host.ts";
import { startWitness } from "./witness.ts";

const exit = forbidExit(process);
obeyFailPoints();
const env = processEnv();
const settings: HostLogSettings = {
  ...{ logLevel: "info", logFormat: null, logFile: null, levels: [] },
  ...JSON.parse(env[LOG_SETTINGS] ?? "{}"),
};
const levels = new LogLevels(settings.logLevel);
if (settings.levels.length > 0) levels.replace(settings.levels);
const forwarder = new LogForwarder({ send: (lines) => host.logged(lines), clock: systemClock });
const logger = createWorkerLogger("task-host", settings, levels, (line) => forwarder.write(line));
const host = createTaskHost({
  send: (message) => {
    if (process.connected) process.send?.(message);
  },
  kafka: librdkafkaClient({ clock: systemClock, logger }),
  clock: systemClock,
  random: systemRandom,
  yieldToLoop: () => setImmediate(),
  logger,
  levels,
  env,
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return Math.round((user + system) / 1_000);
  },
  configured: ({ taskHostBlockedMs }) => startWitness({ blockedMs: taskHostBlockedMs, clock: systemClock, logger }),
});

process.on("message", (message) => host.deliver(message as IpcMessage));
// The control process ended or was killed. A last commit is safe: where a successor has started, it is fenced (I11).
process.on("disconnect", () => void host.close().finally(() => exit(0)));
// Thrown, or rejected, where nobody catches it: of a work item it fails that one; of nobody, the process, as Node does.
process.on("uncaughtException", (error) => void host.uncaught(error, () => exit(1)));
// A plugin that closes a stream, or a control process that is gone, is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
// A terminal's Ctrl-C reaches the whole process group; the control process decides what happens then.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
