// Pure: worker properties from environment variables, named as cp-kafka-connect names them.

const PREFIX = "CONNECT_";
/** Settings of that image's own start script, not of the worker. */
const NOT_PROPERTIES = /^CONNECT_(LOG4J_|CUB_)/;
const REPLACED: Readonly<Record<string, string>> = { _: ".", __: "-", ___: "_" };

/** `CONNECT_BOOTSTRAP_SERVERS` → `bootstrap.servers`; `_` → `.`, `__` → `-`, `___` → `_`; lower case. */
export function envProperties(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !name.startsWith(PREFIX) || name === PREFIX || NOT_PROPERTIES.test(name)) continue;
    const key = name.slice(PREFIX.length).toLowerCase();
    properties[key.replace(/_+/g, (run) => REPLACED[run] ?? run)] = value;
  }
  return properties;
}
