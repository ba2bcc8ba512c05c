// Pure: a transform written as one function.
import { type ConfigKeys, type ConfigOf, configDefOf, type PluginDescription, parseConfigOf } from "./define-config.ts";
import type { TransformationPlugin } from "./plugin.ts";
import type { ConnectRecord } from "./record.ts";

/** What `defineTransform` takes. */
export interface TransformDefinition<K extends ConfigKeys, P> extends PluginDescription<K> {
  /**
   * Once per configuration: what `apply` needs of it, e.g. a compiled pattern or a PerSchema of new schemas by old ones.
   * Without it `apply` gets the configuration. Write it above `apply`, so that types are inferred.
   * @throws ConfigError to refuse the configuration.
   */
  prepare?(config: ConfigOf<K>): P;
  /**
   * A changed copy (`{ ...record, value }`), the record itself, or null to drop it. Must not change `record` or anything
   * in it, and must give the same schema object for the same schema object.
   * @throws DataError when the record is not what this transform is for.
   */
  apply<R extends ConnectRecord>(record: R, prepared: P): R | null;
}

/** Makes a plugin of a function from record to record. Its `configure` throws ConfigError for keys missing or wrong. */
export function defineTransform<const K extends ConfigKeys, P = ConfigOf<K>>(
  definition: TransformDefinition<K, P>,
): TransformationPlugin {
  const { prepare, apply, config: keys, ...description } = definition;
  const configDef = configDefOf(keys);
  return {
    ...description,
    type: "transformation",
    config: configDef,
    create() {
      let prepared: P;
      return {
        configure(given) {
          const config = parseConfigOf<K>(configDef, given);
          prepared = prepare === undefined ? (config as P) : prepare(config);
        },
        apply: (record) => apply(record, prepared),
      };
    },
  };
}
