import { connectorRestart, connectorTargetState, type TargetState } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { connectorStateInfo } from "../entities.ts";
import { type Call, empty, flag, type Handler, json, type Resource } from "../resource.ts";
import { connectorType, type StatusRoutesDeps } from "./status.ts";

export function lifecycleRoutes(deps: StatusRoutesDeps): Resource[] {
  return [
    { path: "/connectors/:connector/restart", methods: { POST: (call) => restart(deps, call) } },
    { path: "/connectors/:connector/pause", methods: { PUT: setTargetState(deps.ask, "PAUSED", 202) } },
    { path: "/connectors/:connector/resume", methods: { PUT: setTargetState(deps.ask, "STARTED", 202) } },
    { path: "/connectors/:connector/stop", methods: { PUT: setTargetState(deps.ask, "STOPPED", 204) } },
  ];
}

function setTargetState(ask: Ask, targetState: TargetState, status: 202 | 204): Handler {
  return async ({ param, signal }) => {
    const name = param("connector");
    await ask(connectorTargetState, { name, targetState }, { signal, notFound: `Unknown connector ${name}` });
    return empty(status);
  };
}

/** Without parameters just the connector, and nothing to show; with any, the plan of what restarts. */
async function restart(deps: StatusRoutesDeps, { param, query, signal }: Call): Promise<Response> {
  const name = param("connector");
  const includeTasks = flag(query, "includeTasks", false);
  const onlyFailed = flag(query, "onlyFailed", false);
  const { status } = await deps.ask(connectorRestart, { name, includeTasks, onlyFailed }, { signal });
  if (!includeTasks && !onlyFailed) return empty(204);
  return json(connectorStateInfo(status, await connectorType(deps, name, signal)), 202);
}
