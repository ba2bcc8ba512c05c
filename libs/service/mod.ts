export { ConfigProviderError } from "./config-provider.ts";
export {
  ConfigProviders,
  openConfigProviders,
  type ProviderOptions,
  type ReloadPlan,
  type Revealed,
} from "./config-providers.ts";
export { type ConnectorFile, connectorConfigFromFile, initialStates } from "./connector-file.ts";
export { type DataDir, DataDirError, type DataDirOptions, dataDirPath, openDataDir } from "./data-dir.ts";
export { envProperties } from "./env-properties.ts";
export { FAIL_POINTS, obeyFailPoints } from "./fail-point-orders.ts";
export type { Listener } from "./listeners.ts";
export {
  createLogger,
  createWorkerLogger,
  type LogDestination,
  type Logger,
  type LogOptions,
  silentLogger,
} from "./log.ts";
export { type LoggerLevel, type LogLevel, LogLevels, parseLogLevel } from "./log-levels.ts";
export { type MetricsAnswer, type MetricsServing, serveMetrics } from "./metrics-listener.ts";
export type { OverridePolicyName } from "./override-policy-name.ts";
export { processEnv } from "./process-env.ts";
export { processMetrics } from "./process-metrics.ts";
export { parseProperties } from "./properties.ts";
export { isSecretKey } from "./secret.ts";
export { Secrets } from "./secrets.ts";
export { exitCodes, type Lifetime, type ProcessPort, type RunOptions, runUntilSignal } from "./shutdown.ts";
export {
  isResolved,
  loadWorkerConfig,
  resolveWorkerConfig,
  WorkerConfigError,
  type WorkerConfigSources,
} from "./worker-config.ts";
export type { ConfigProblem, ConfigProviderEntry, WorkerConfig } from "./worker-properties.ts";
