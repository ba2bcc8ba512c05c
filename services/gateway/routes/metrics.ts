import { HttpError } from "../errors.ts";
import { clusterView, connectorView, taskGroups } from "../metrics/cluster-view.ts";
import type { MetricsGatherer } from "../metrics/gather.ts";
import { flag, json, type Resource } from "../resource.ts";

/** What the cluster does now, as JSON. */
export function metricsRoutes({ gatherer }: { readonly gatherer: MetricsGatherer }): Resource[] {
  return [
    {
      path: "/millrace/v1/metrics",
      methods: {
        GET: async ({ query }) => json(clusterView(await gatherer.gather(), flag(query, "tasks", true))),
      },
    },
    {
      path: "/millrace/v1/connectors/:connector/metrics",
      methods: {
        async GET({ param }) {
          const name = param("connector");
          const cluster = await gatherer.gather();
          const status = cluster.statuses.get(name);
          if (status === undefined) throw new HttpError(404, `Connector ${name} not found`);
          const at = new Date(cluster.nowMs).toISOString();
          return json({ at, connector: connectorView(cluster, status), measured: taskGroups(cluster, name) });
        },
      },
    },
  ];
}
