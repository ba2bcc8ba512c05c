import { type ConnectorStatus, connectorGet, statusGet } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { type ConnectorType, connectorStateInfo } from "../entities.ts";
import type { PluginTypes } from "../plugin-types.ts";
import { json, type Resource } from "../resource.ts";

export interface StatusRoutesDeps {
  readonly ask: Ask;
  readonly types: PluginTypes;
}

/** What is observed must be readable while desired state is not: the type then shows as unknown. */
const TYPE_TIMEOUT_MS = 2_000;

export function statusRoutes(deps: StatusRoutesDeps): Resource[] {
  return [
    {
      path: "/connectors/:connector/status",
      methods: {
        async GET({ param, signal }) {
          const name = param("connector");
          const [status, type] = await Promise.all([
            getStatus(deps.ask, name, signal, `No status found for connector ${name}`),
            connectorType(deps, name, signal),
          ]);
          return json(connectorStateInfo(status, type));
        },
      },
    },
  ];
}

export async function getStatus(
  ask: Ask,
  name: string,
  signal: AbortSignal,
  notFound: string,
): Promise<ConnectorStatus> {
  return (await ask(statusGet, { name }, { signal, notFound })).status;
}

/** "unknown" when the connector is gone, its class cannot be found, or nobody can say. Never rejects. */
export async function connectorType(
  { ask, types }: StatusRoutesDeps,
  name: string,
  signal: AbortSignal,
): Promise<ConnectorType> {
  try {
    const { connector } = await ask(connectorGet, { name }, { signal, timeoutMs: TYPE_TIMEOUT_MS });
    return await types.typeOf(connector.config);
  } catch {
    return "unknown";
  }
}
