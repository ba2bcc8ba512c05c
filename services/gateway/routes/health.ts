import { connectorGet, pluginList, statusGet } from "@millrace/protocol";
import { type Ask, isNotFound } from "../ask.ts";
import type { HealthInfo } from "../entities.ts";
import { json, type Resource } from "../resource.ts";

const PROBE_TIMEOUT_MS = 10_000;
/** No connector can have this name, so asking for it reads one index and finds nothing. */
const NOBODY = "";

/**
 * Healthy: a config service, a scheduler and a runner answer, so that every request can be served.
 *
 *     starting (503) ──all answered once──▶ healthy (200) ◀──▶ unhealthy (500)
 */
export function healthRoutes(deps: { ask: Ask }): Resource[] {
  let started = false;

  async function missing(signal: AbortSignal): Promise<string[]> {
    const options = { timeoutMs: PROBE_TIMEOUT_MS, signal };
    const probes = await Promise.all([
      answers("config service", deps.ask(connectorGet, { name: NOBODY }, options)),
      answers("scheduler", deps.ask(statusGet, { name: NOBODY }, options)),
      answers("runner", deps.ask(pluginList, {}, options)),
    ]);
    return probes.filter((name) => name !== null);
  }

  return [
    {
      path: "/health",
      methods: {
        async GET({ signal }) {
          const names = await missing(signal);
          started ||= names.length === 0;
          const [status, info] = health(names, started);
          return json(info, status);
        },
      },
    },
  ];
}

/** Its name when it does not answer. */
async function answers(name: string, probe: Promise<unknown>): Promise<string | null> {
  try {
    await probe;
    return null;
  } catch (error) {
    return isNotFound(error) ? null : name;
  }
}

function health(missing: readonly string[], started: boolean): [number, HealthInfo] {
  if (missing.length === 0) {
    return [200, { status: "healthy", message: "Worker has completed startup and is ready to handle requests." }];
  }
  const who = `No answer from: ${missing.join(", ")}.`;
  if (!started) return [503, { status: "starting", message: `Worker is still starting up. ${who}` }];
  const message = `Worker was unable to handle this request and may be unable to handle other requests. ${who}`;
  return [500, { status: "unhealthy", message }];
}
