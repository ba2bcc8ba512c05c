// What gives values for `${provider:path:key}`.

export interface ConfigProvider {
  /** The values of those keys that this provider has at the path. What it may not read is as if it were not there. */
  get(path: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The age at which its values are to be read anew; null: none. */
  readonly ttlMs: number | null;
  /** How often to look whether its values have changed; null: never. */
  readonly reloadIntervalMs: number | null;
}

/** A provider cannot be set up, or cannot give what it was asked for. The message holds no value (I9). */
export class ConfigProviderError extends Error {
  readonly code = "CONFIG_PROVIDER";
  readonly retriable = false;
  /** What Kafka Connect throws. */
  readonly javaClass = "org.apache.kafka.common.config.ConfigException";

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ConfigProviderError";
  }
}
