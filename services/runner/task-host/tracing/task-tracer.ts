import type { RecordHeader } from "@millrace/kafka";
import type { Context, Link, Span, SpanContext, Tracer } from "@opentelemetry/api";
import type { EncodedRecord } from "../source/delivery.ts";
import { parseTraceparent, TRACEPARENT, traceparentText } from "./traceparent.ts";

/** The parts of @opentelemetry/api that are more than types: it is loaded only where traces are wanted. */
export interface TraceApi {
  readonly ROOT_CONTEXT: Context;
  readonly SpanKind: { readonly INTERNAL: 0; readonly PRODUCER: 3; readonly CONSUMER: 4 };
  readonly ERROR: 2;
}

export interface TaskTracerDeps {
  readonly api: TraceApi;
  readonly tracer: Tracer;
  readonly task: { readonly connector: string; readonly task: number; readonly generation: number };
  readonly nowMs: () => number;
  /** Resolves when what has ended is exported, or soon after. */
  readonly flush: () => Promise<void>;
}

/** What OpenTelemetry keeps of a span. */
const LINKS_MAX = 128;
/** Of batches that wait for their commit; those of older ones are linked to nothing. */
const BATCHES_MAX = 1_000;

/**
 * The spans of one task: of a source one for each batch, from its poll on, and one for each commit, linked to its batches; of a
 * sink one for each put, linked to the spans its records came from.
 */
export class TaskTracer {
  readonly flush: () => Promise<void>;
  #deps: TaskTracerDeps;
  #batches: SpanContext[] = [];
  #origins = new Map<string, Link>();

  constructor(deps: TaskTracerDeps) {
    this.#deps = deps;
    this.flush = deps.flush;
  }

  /** A poll gave records. */
  polled(records: number, pollMs: number): BatchTrace {
    const { SpanKind } = this.#deps.api;
    const span = this.#span("send", SpanKind.PRODUCER, pollMs, { "messaging.batch.message_count": records });
    return new BatchTrace({
      span,
      sent: (links) => {
        span.addLinks(links);
        span.end(this.#deps.nowMs());
        this.#batches.push(span.spanContext());
        if (this.#batches.length > BATCHES_MAX) this.#batches.shift();
      },
      failed: (error) => this.#fail(span, error),
    });
  }

  /** The oldest `batches` of those that were sent are durable. */
  committed(records: number, commitMs: number, batches: number): void {
    const links = this.#batches.splice(0, batches).slice(-LINKS_MAX);
    const { SpanKind } = this.#deps.api;
    const attributes = { "messaging.batch.message_count": records };
    const span = this.#span("commit", SpanKind.INTERNAL, commitMs, attributes);
    span.addLinks(links.map((context) => ({ context })));
    span.end(this.#deps.nowMs());
  }

  /** A sink has read this record: the next put is linked to where it came from. */
  read(headers: readonly RecordHeader[]): void {
    for (const { key, value } of headers) {
      if (key !== TRACEPARENT || value === null || this.#origins.size >= LINKS_MAX) continue;
      const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
      if (this.#origins.has(text)) continue;
      const context = contextOf(text);
      if (context !== null) this.#origins.set(text, { context });
    }
  }

  /** @param put gives the records to the sink; what it throws is shown in the span. */
  async putting<T>(topic: string, records: number, put: () => Promise<T>): Promise<T> {
    const { api, task, nowMs } = this.#deps;
    const span = this.#span("process", api.SpanKind.CONSUMER, 0, {
      "messaging.batch.message_count": records,
      "messaging.consumer.group.name": `connect-${task.connector}`,
    });
    describeTopic(span, "process", topic);
    span.addLinks([...this.#origins.values()]);
    this.#origins.clear();
    try {
      const result = await put();
      span.end(nowMs());
      return result;
    } catch (error) {
      this.#fail(span, error);
      throw error;
    }
  }

  #span(operation: string, kind: 0 | 3 | 4, sinceMs: number, attributes: Record<string, string | number>): Span {
    const { api, tracer, task, nowMs } = this.#deps;
    const common = {
      "messaging.system": "kafka",
      "messaging.operation.type": operation === "commit" ? "settle" : operation,
      "millrace.connector": task.connector,
      "millrace.task": task.task,
      "millrace.generation": task.generation,
    };
    const options = { kind, startTime: nowMs() - sinceMs, attributes: { ...common, ...attributes } };
    return tracer.startSpan(`${operation} ${task.connector}`, options, api.ROOT_CONTEXT);
  }

  #fail(span: Span, error: unknown): void {
    const name = error instanceof Error ? error.name : typeof error;
    // Not the message: it may hold what config providers gave (I9).
    span.setStatus({ code: this.#deps.api.ERROR, message: name });
    span.setAttribute("error.type", name);
    span.end(this.#deps.nowMs());
  }
}

export interface BatchTraceDeps {
  readonly span: Span;
  readonly sent: (links: Link[]) => void;
  readonly failed: (error: unknown) => void;
}

/** One polled batch on its way to Kafka. */
export class BatchTrace {
  readonly failed: (error: unknown) => void;
  #deps: BatchTraceDeps;
  #header: RecordHeader;
  #topic: string | null = null;
  #links: Link[] = [];

  constructor(deps: BatchTraceDeps) {
    const { traceId, spanId, traceFlags } = deps.span.spanContext();
    const text = traceparentText({ traceId, spanId, sampled: (traceFlags & 1) === 1 });
    this.#deps = deps;
    this.#header = { key: TRACEPARENT, value: new TextEncoder().encode(text) };
    this.failed = deps.failed;
  }

  /** The record with the trace in its headers. One that has come with a trace keeps it, and the batch is linked to that. */
  carry(record: EncodedRecord): EncodedRecord {
    if (this.#topic === null) {
      this.#topic = record.topic;
      describeTopic(this.#deps.span, "send", record.topic);
    }
    const headers = record.headers ?? [];
    const own = headers.find(({ key }) => key === TRACEPARENT);
    if (own === undefined) return { ...record, headers: [...headers, this.#header] };
    const context = own.value === null ? null : contextOf(new TextDecoder().decode(own.value));
    if (context !== null && this.#links.length < LINKS_MAX) this.#links.push({ context });
    return record;
  }

  /** All of it was handed over. */
  sent(): void {
    this.#deps.sent(this.#links);
  }
}

function describeTopic(span: Span, operation: string, topic: string): void {
  span.updateName(`${operation} ${topic}`);
  span.setAttribute("messaging.destination.name", topic);
}

function contextOf(text: string): SpanContext | null {
  const parent = parseTraceparent(text);
  if (parent === null) return null;
  const { traceId, spanId, sampled } = parent;
  return { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true };
}
