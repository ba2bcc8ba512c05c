import type { Bus } from "@millrace/bus";
import type { MetricFamily, Naming } from "@millrace/metrics";
import { isProtocolError } from "@millrace/protocol";
import type { LogLevels } from "@millrace/service/log-levels";
import type { Clock } from "@millrace/time";
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { createAsk } from "./ask.ts";
import { type ConsoleAssets, serveConsole } from "./console.ts";
import { type CorsRules, corsHeaders, corsRules } from "./cors.ts";
import { HttpError, toErrorBody } from "./errors.ts";
import { hideConfigPasswords, hidePasswords, showAll, showConfig } from "./masking.ts";
import { MetricsGatherer } from "./metrics/gather.ts";
import { openApiResource } from "./openapi/resource.ts";
import { PluginTypes } from "./plugin-types.ts";
import { type Call, handle, json, type Resource, refuse } from "./resource.ts";
import { applyHeaderRules, headerRules } from "./response-headers.ts";
import { brokenPluginRoutes } from "./routes/broken-plugins.ts";
import { connectorPluginRoutes } from "./routes/connector-plugins.ts";
import { connectorRoutes } from "./routes/connectors.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { healthRoutes } from "./routes/health.ts";
import { historyRoutes } from "./routes/history.ts";
import { lifecycleRoutes } from "./routes/lifecycle.ts";
import { loggerRoutes } from "./routes/loggers.ts";
import { logRoutes } from "./routes/logs.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { offsetRoutes } from "./routes/offsets.ts";
import { previewRoutes } from "./routes/preview.ts";
import { rootRoutes } from "./routes/root.ts";
import { statusRoutes } from "./routes/status.ts";
import { taskRoutes } from "./routes/tasks.ts";
import { topicRoutes } from "./routes/topics.ts";
import { refusalPage, refusedPath } from "./uri.ts";
import { unknownCommit } from "./version.ts";

export interface GatewayOptions {
  /** `access.control.allow.origin`; absent or blank: no cross-origin headers. */
  readonly allowOrigin?: string;
  /** `access.control.allow.methods`; absent or blank: GET, POST and HEAD. */
  readonly allowMethods?: string;
  /** How long another service may take. Default 90,000, Connect's own. */
  readonly requestTimeoutMs?: number;
  /** Default 1 MiB, what the message server takes in one message by default. */
  readonly bodyBytesMax?: number;
  /** Default true: passwords of stored configs are shown as a mask, which stands for them when written. */
  readonly maskPasswords?: boolean;
  /** Default true. */
  readonly topicTrackingEnable?: boolean;
  /** Default true. */
  readonly topicTrackingAllowReset?: boolean;
  /** `response.http.headers.config`. */
  readonly responseHeaders?: string;
  /** Where `/admin` answers: with the rest (default), nowhere, or alone. */
  readonly admin?: "here" | "elsewhere" | "alone";
  /** `millrace.metrics.naming`. Default both. */
  readonly metricsNaming?: Naming;
  /** Sixteen hex digits, shown at `GET /`. */
  readonly commit?: string;
}

export interface GatewayLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface GatewayDeps {
  readonly bus: Bus;
  readonly options: GatewayOptions;
  readonly logger: GatewayLogger;
  /** What `/admin/loggers` shows and changes. */
  readonly levels: LogLevels;
  readonly clock: Clock;
  /** The console's files, served at `/ui`. Absent: there is no console. */
  readonly console?: ConsoleAssets;
  /** Of this process, for `/metrics`. Default: none. */
  readonly ownMetrics?: () => readonly MetricFamily[];
}

export interface Gateway {
  /** Never rejects: what fails becomes an answer. */
  fetch(request: Request): Promise<Response>;
}

/** Connect's REST API over the bus. Holds no state but short caches, so any number can run side by side. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { bus, options, logger, levels, clock, ownMetrics } = deps;
  const ask = createAsk(bus, options.requestTimeoutMs ?? 90_000);
  const types = new PluginTypes({ ask, clock });
  const gatherer = new MetricsGatherer({ ask, clock });
  const bodyBytesMax = options.bodyBytesMax ?? 1024 * 1024;
  const rules = headerRules(options.responseHeaders ?? "");
  const [mask, maskConfig] =
    (options.maskPasswords ?? true) ? [hidePasswords, hideConfigPasswords] : [showAll, showConfig];
  const cors = corsRules(options.allowOrigin ?? "", options.allowMethods ?? "");

  function fail(error: unknown, request: Request): Response {
    // Errors on their way from another service were logged there; what nobody foresaw leaves its stack here.
    const foreseen = error instanceof HttpError || isProtocolError(error) || request.signal.aborted;
    if (!foreseen) logger.error("a REST request failed", { method: request.method, error });
    const body = toErrorBody(error);
    return json(body, body.error_code);
  }

  const admin = loggerRoutes({ levels, bus, clock, bodyBytesMax });
  const connect = [
    ...rootRoutes({ ask, commit: options.commit ?? unknownCommit }),
    ...healthRoutes({ ask }),
    ...connectorRoutes({ ask, types, mask, bodyBytesMax }),
    ...statusRoutes({ ask, types }),
    ...lifecycleRoutes({ ask, types }),
    ...taskRoutes({ ask, mask }),
    ...offsetRoutes({ ask, bodyBytesMax }),
    ...topicRoutes({
      ask,
      tracking: {
        enabled: options.topicTrackingEnable ?? true,
        mayReset: options.topicTrackingAllowReset ?? true,
      },
    }),
    ...connectorPluginRoutes({ ask, bodyBytesMax }),
    ...brokenPluginRoutes({ ask }),
    ...logRoutes({ ask, clock }),
    ...metricsRoutes({ gatherer, naming: options.metricsNaming ?? "both", own: ownMetrics ?? (() => []) }),
    ...deadLetterRoutes({ ask, bodyBytesMax }),
    ...previewRoutes({ ask, bodyBytesMax }),
    ...historyRoutes({ ask, types, mask, maskConfig, bodyBytesMax }),
  ];
  const where = options.admin ?? "here";
  const shown = [...(where === "alone" ? [] : connect), ...(where === "elsewhere" ? [] : admin)];
  const resources = [...shown, openApiResource(shown)];
  const app = route(resources, fail);

  return {
    async fetch(request) {
      const sinceMs = clock.monotonicMs();
      const response = await answer(request);
      const { method } = request;
      const tookMs = Math.round(clock.monotonicMs() - sinceMs);
      logger.debug("Answered a REST request", { method, path: rawPath(request), status: response.status, tookMs });
      return response;
    },
  };

  async function answer(request: Request): Promise<Response> {
    const page = deps.console && (await serveConsole(rawPath(request), request.method, deps.console));
    if (page) return page;
    const refused = refusedPath(rawPath(request));
    const response = refused === null ? await app.fetch(request) : refusePath(request, refused);
    applyHeaderRules(rules, response.headers, clock.nowMs());
    return cors === null ? response : withCors(cors, request, response);
  }
}

function route(resources: readonly Resource[], fail: (error: unknown, request: Request) => Response): Hono {
  // Parameters are matched as sent and decoded once, by Hono, when read.
  const app = new Hono({ getPath: (request) => withoutTrailingSlash(rawPath(request)) });
  for (const resource of resources) {
    app.all(resource.path, async (context) => {
      try {
        return await handle(resource, toCall(context));
      } catch (error) {
        return fail(error, context.req.raw);
      }
    });
  }
  app.notFound(() => refuse(404));
  return app;
}

function toCall(context: Context): Call {
  const request = context.req.raw;
  const { origin, searchParams } = new URL(request.url);
  return {
    request,
    origin,
    query: searchParams,
    param: (name) => context.req.param(name) ?? "",
    signal: request.signal,
  };
}

function rawPath(request: Request): string {
  return new URL(request.url).pathname;
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Connect's HTTP server sends a page, and to these methods only. */
function refusePath({ method }: Request, reason: string): Response {
  if (!["GET", "HEAD", "POST"].includes(method)) return new Response(null, { status: 400 });
  const headers = { "content-type": "text/html;charset=iso-8859-1" };
  return new Response(method === "HEAD" ? null : refusalPage(reason), { status: 400, headers });
}

function withCors(rules: CorsRules, request: Request, response: Response): Response {
  for (const [name, value] of Object.entries(corsHeaders(rules, request))) response.headers.set(name, value);
  return response;
}
