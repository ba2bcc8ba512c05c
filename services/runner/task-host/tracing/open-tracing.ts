import type { WorkerConfig } from "@millrace/service";
import { millraceVersion } from "@millrace/service/version";
import type { Clock } from "@millrace/time";
import { TaskTracer, type TaskTracerDeps } from "./task-tracer.ts";

export interface Tracing {
  forTask(task: TaskTracerDeps["task"]): TaskTracer;
}

const FLUSH_MS = 2_000;

/**
 * Traces to where `millrace.otel.endpoint` or OTEL_EXPORTER_OTLP_ENDPOINT says, by OTLP over HTTP; null without either. Only
 * then is OpenTelemetry loaded.
 */
export async function openTracing(
  worker: Pick<WorkerConfig, "otelEndpoint" | "otelServiceName" | "otelSampleRatio" | "workerId">,
  deps: { readonly env: Readonly<Record<string, string | undefined>>; readonly clock: Clock },
): Promise<Tracing | null> {
  const { env, clock } = deps;
  const base = worker.otelEndpoint ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? "";
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base === "" ? "" : tracesUrl(base));
  if (url === "" || env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return null;
  const [api, sdk, exporter, resources] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const ratio = new sdk.TraceIdRatioBasedSampler(worker.otelSampleRatio);
  const provider = new sdk.BasicTracerProvider({
    resource: resources.resourceFromAttributes({
      "service.name": env.OTEL_SERVICE_NAME ?? worker.otelServiceName,
      "service.version": millraceVersion,
      "service.instance.id": worker.workerId,
    }),
    sampler: new sdk.ParentBasedSampler({ root: ratio }),
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter({ url }))],
  });
  const tracer = provider.getTracer("millrace", millraceVersion);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode } = api;
  const used = {
    ROOT_CONTEXT,
    SpanKind: { INTERNAL: SpanKind.INTERNAL, PRODUCER: SpanKind.PRODUCER, CONSUMER: SpanKind.CONSUMER },
    ERROR: SpanStatusCode.ERROR,
  } as const;
  const flush = async () => {
    const late = new AbortController();
    const deadline = clock.sleep(FLUSH_MS, late.signal).catch(() => {});
    // A collector that is away is nobody's failure.
    await Promise.race([provider.forceFlush().catch(() => {}), deadline]);
    late.abort();
  };
  return { forTask: (task) => new TaskTracer({ api: used, tracer, task, nowMs: () => clock.nowMs(), flush }) };
}

/** The path is added, as to OTEL_EXPORTER_OTLP_ENDPOINT. */
function tracesUrl(endpoint: string): string {
  return /\/v1\/traces\/?$/.test(endpoint) ? endpoint : `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}
