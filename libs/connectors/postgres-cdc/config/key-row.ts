// Pure: one line per configuration key, in Debezium's order.
import type { ConfigImportance, ConfigKeyDefinition, ConfigType, ConfigWidth } from "@millrace/connect";

export type KeyRow = readonly [
  name: string,
  type: ConfigType,
  default_: string | number | boolean | null,
  importance: ConfigImportance,
  width: ConfigWidth,
  displayName: string,
  documentation: string,
  dependents?: readonly string[],
];

/** `group` and the place in it are what Connect shows. */
export function keyDefinitions(group: string, rows: readonly KeyRow[]): ConfigKeyDefinition[] {
  return rows.map(([name, type, default_, importance, width, displayName, documentation, dependents], i) => ({
    name,
    type,
    default: default_,
    importance,
    width,
    displayName,
    documentation,
    group,
    orderInGroup: i + 1,
    ...(dependents === undefined ? {} : { dependents }),
  }));
}
