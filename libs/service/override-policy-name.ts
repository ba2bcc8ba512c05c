// Pure: the policies for client overrides that there are, as Connect names them.

export const overridePolicyNames = ["All", "None", "Principal", "Allowlist"] as const;
export type OverridePolicyName = (typeof overridePolicyNames)[number];

const PACKAGE = "org.apache.kafka.connect.connector.policy.";
const SUFFIX = "ConnectorClientConfigOverridePolicy";

/**
 * `None`, `NoneConnectorClientConfigOverridePolicy`, or that with its package. Case matters, as in Connect.
 * @throws Error with Connect's text for any other.
 */
export function parseOverridePolicy(text: string): OverridePolicyName {
  const found = overridePolicyNames.find((name) => {
    return text === name || text === name + SUFFIX || text === PACKAGE + name + SUFFIX;
  });
  if (found !== undefined) return found;
  throw new Error(
    `Failed to find any class that implements interface ${PACKAGE}${SUFFIX} and which name matches ${text}; there are ${overridePolicyNames.join(", ")}`,
  );
}
