import { kafkaClusterId } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import type { ServerInfo } from "../entities.ts";
import { json, type Resource } from "../resource.ts";
import { restVersion } from "../version.ts";

/** `GET /` is what tools try first: it must answer soon, whoever is missing. */
const CLUSTER_ID_TIMEOUT_MS = 2_000;

export function rootRoutes(deps: { ask: Ask; commit: string }): Resource[] {
  let known: string | null = null;

  async function clusterId(): Promise<string | null> {
    try {
      known ??= (await deps.ask(kafkaClusterId, {}, { timeoutMs: CLUSTER_ID_TIMEOUT_MS })).clusterId;
    } catch {
      // No runner reaches Kafka just now. null says so, and the next request asks again.
    }
    return known;
  }

  return [
    {
      path: "/",
      methods: {
        async GET() {
          const info: ServerInfo = {
            version: restVersion,
            commit: deps.commit,
            kafka_cluster_id: await clusterId(),
          };
          return json(info);
        },
      },
    },
  ];
}
