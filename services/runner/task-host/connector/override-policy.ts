// Pure: which Kafka client settings a connector may override (`connector.client.config.override.policy`).
import type { OverridePolicyName } from "@millrace/service";

type Properties = Readonly<Record<string, string>>;

export interface OverridePolicy {
  readonly clientConfigOverridePolicy: OverridePolicyName;
  readonly clientConfigOverrideAllowlist: readonly string[];
}

export interface Override {
  /** With its prefix. */
  readonly name: string;
  /** The client's own name for it. */
  readonly property: string;
  readonly value: string;
  /** Why it is refused, or null. */
  readonly problem: string | null;
}

const PREFIXES = ["producer.override.", "consumer.override.", "admin.override."];
const PRINCIPAL = ["sasl.jaas.config", "sasl.mechanism", "security.protocol"];

/** The overrides that a connector of this type uses; what is set for a client it has not is of no interest. */
export function clientOverrides(type: "source" | "sink", config: Properties, policy: OverridePolicy): Override[] {
  return usedPrefixes(type, config).flatMap((prefix) =>
    Object.entries(config)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => ({ name, value, property: name.slice(prefix.length) }))
      .map((override) => ({ ...override, problem: problemOf(override.property, policy) })),
  );
}

function usedPrefixes(type: "source" | "sink", config: Properties): string[] {
  const deadLetters = (config["errors.deadletterqueue.topic.name"] ?? "").trim() !== "";
  const producer = type === "source" || deadLetters;
  return [...(producer ? ["producer.override."] : []), "consumer.override.", ...(producer ? ["admin.override."] : [])];
}

/** Of any client, also of those that a connector of its type doesn't have: no client may ever be given these. */
export function refusedOverrides(config: Properties, policy: OverridePolicy): string[] {
  return Object.keys(config).filter((name) => {
    const prefix = PREFIXES.find((each) => name.startsWith(each));
    return prefix !== undefined && problemOf(name.slice(prefix.length), policy) !== null;
  });
}

function problemOf(property: string, policy: OverridePolicy): string | null {
  const name = policy.clientConfigOverridePolicy;
  const allowed = allowedBy(name, policy.clientConfigOverrideAllowlist);
  if (allowed === null || allowed.includes(property)) return null;
  return `The '${name}' policy does not allow '${property}' to be overridden in the connector configuration.`;
}

/** null: everything. */
function allowedBy(policy: OverridePolicyName, allowlist: readonly string[]): readonly string[] | null {
  switch (policy) {
    case "All":
      return null;
    case "None":
      return [];
    case "Principal":
      return PRINCIPAL;
    case "Allowlist":
      return allowlist;
  }
}
