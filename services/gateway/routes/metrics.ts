import {
  CONTENT_TYPES,
  type MetricFamily,
  metricsText,
  type Naming,
  type TextFormat,
  textFormat,
} from "@millrace/metrics";
import { HttpError } from "../errors.ts";
import { clusterText } from "../metrics/cluster-text.ts";
import { clusterView, connectorView, taskGroups } from "../metrics/cluster-view.ts";
import type { MetricsGatherer } from "../metrics/gather.ts";
import { flag, json, type Resource } from "../resource.ts";

export interface MetricsRoutesDeps {
  readonly gatherer: MetricsGatherer;
  readonly naming: Naming;
  /** Of this process. */
  readonly own: () => readonly MetricFamily[];
}

/** What the cluster does now: as JSON, and for Prometheus. */
export function metricsRoutes({ gatherer, naming, own }: MetricsRoutesDeps): Resource[] {
  return [
    {
      path: "/metrics",
      otherMedia: true,
      methods: {
        async GET({ request, query }) {
          const how = { naming, format: textFormat(request.headers.get("accept")) };
          const alone = query.get("scope") === "service";
          const pieces = alone
            ? metricsText({ sets: [], tasks: [], more: own() }, how)
            : clusterText(await gatherer.gather(), own(), how);
          return textResponse(pieces, how.format, request.headers.get("accept-encoding") ?? "");
        },
      },
    },
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

/** Family by family, so that other requests are answered between two of them. */
function textResponse(pieces: Iterable<string>, format: TextFormat, encodings: string): Response {
  const encoder = new TextEncoder();
  const iterator = pieces[Symbol.iterator]();
  const text = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = iterator.next();
      if (done === true) return controller.close();
      controller.enqueue(encoder.encode(value));
    },
  });
  const zipped = /\bgzip\b/.test(encodings);
  const body = zipped ? text.pipeThrough(new CompressionStream("gzip")) : text;
  const headers = { "content-type": CONTENT_TYPES[format], ...(zipped ? { "content-encoding": "gzip" } : {}) };
  return new Response(body, { headers });
}
