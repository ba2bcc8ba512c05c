// Pure: which Kafka client settings a connector may override (`connector.client.config.override.policy`).

type Properties = Readonly<Record<string, string>>;

export interface OverridePolicy {
  readonly clientConfigOverridePolicy: string;
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

function problemOf(property: string, policy: OverridePolicy): string | null {
  const name = policy.clientConfigOverridePolicy;
  const allowed = allowedBy(shortName(name), policy.clientConfigOverrideAllowlist);
  if (allowed === null || allowed.includes(property)) return null;
  return `The '${shortName(name)}' policy does not allow '${property}' to be overridden in the connector configuration.`;
}

/** null: everything. */
function allowedBy(policy: string, allowlist: readonly string[]): readonly string[] | null {
  switch (policy) {
    case "All":
      return null;
    case "Principal":
      return PRINCIPAL;
    case "Allowlist":
      return allowlist;
    default:
      return [];
  }
}

/** `org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy` is `None`. */
function shortName(policy: string): string {
  return policy.slice(policy.lastIndexOf(".") + 1).replace(/ConnectorClientConfigOverridePolicy$/, "");
}
