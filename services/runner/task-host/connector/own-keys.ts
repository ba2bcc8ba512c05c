// Pure: settings of connectors that Kafka Connect does not have.
import { CaseInsensitiveValidString, type ConfigDef, type ConfigKeyDefinition } from "@millrace/connect";
import { ISOLATION_SETTING, ISOLATIONS } from "../../isolation.ts";

const ownKeys: readonly ConfigKeyDefinition[] = [
  {
    name: ISOLATION_SETTING,
    type: "STRING",
    default: "shared",
    validator: CaseInsensitiveValidString.in(...ISOLATIONS),
    importance: "LOW",
    documentation:
      "Whom the connector's work shares a process with: everybody (shared), only its own (connector), or nobody (task).",
    group: "Common",
    orderInGroup: 15,
    width: "SHORT",
    displayName: "Task isolation",
  },
];

/** Only those that are given: to a configuration without them, validation answers as Connect does. */
export function defineOwnKeys(definition: ConfigDef, config: Readonly<Record<string, string>>): void {
  for (const key of ownKeys) if (config[key.name] !== undefined) definition.define(key);
}
