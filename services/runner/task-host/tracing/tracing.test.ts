import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { ConnectHeaders, type SourceRecord } from "@millrace/connect";
import { loadWorkerConfig } from "@millrace/service";
import { systemClock } from "@millrace/time";
import { committedValues, openHostFixture, record, taskWork } from "../../testing/host-fixture.ts";
import { openSinkFixture, sinkWork } from "../../testing/sink-fixture.ts";
import { RunningTask } from "../running-task.ts";
import { openTracing, type Tracing } from "./open-tracing.ts";
import { parseTraceparent, traceparentText } from "./traceparent.ts";

const UPSTREAM = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true };

interface SentSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly links?: { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

/** Plays the collector. */
class Collector {
  readonly paths: string[] = [];
  readonly services: unknown[] = [];
  readonly spans: SentSpan[] = [];
  #server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      this.paths.push(request.url ?? "");
      for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(pieces).toString()).resourceSpans) {
        this.services.push(resource.attributes[0].value.stringValue);
        for (const { spans } of scopeSpans) this.spans.push(...spans);
      }
      response.end("{}");
    });
  });

  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  named(name: string): SentSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const collector = new Collector();
const endpoint = await collector.open();
after(() => collector.close());

async function tracing(
  overrides: Record<string, string> = {},
  env: Record<string, string> = {},
): Promise<Tracing | null> {
  const worker = loadWorkerConfig({
    text: "",
    mode: "standalone",
    overrides: { "bootstrap.servers": "x:1", "key.converter": "x", "value.converter": "x", ...overrides },
  });
  return openTracing(worker, { env, clock: systemClock });
}

/** `flush` waits for a real server: virtual time stands still meanwhile. */
async function stopped(task: RunningTask, clock: { advance(ms: number): Promise<void> }): Promise<void> {
  let over = false;
  const stop = task.stop(60_000).then(() => (over = true));
  while (!over) {
    await clock.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await stop;
}

const attribute = (span: SentSpan, name: string) =>
  Object.values(span.attributes.find(({ key }) => key === name)?.value ?? {})[0];

test("openTracing does nothing, and loads nothing, unless it is told where to send", async () => {
  assert.equal(await tracing(), null);
  assert.equal(await tracing({}, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "true" }), null);
  assert.notEqual(await tracing({}, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), null);
});

test("a source's batches and commits are spans, and its records carry them on", async () => {
  const given = new ConnectHeaders().addString("traceparent", traceparentText(UPSTREAM));
  const records: SourceRecord[] = [record(1), { ...record(2), headers: given }];
  const fixture = openHostFixture({
    task: () => ({ poll: () => (records.length === 0 ? null : records.splice(0)) }),
    tracing: (await tracing({ "millrace.otel.endpoint": endpoint, "millrace.otel.service.name": "pipes" }))!,
  });
  const { env, link, cluster, clock, until } = fixture;
  const task = new RunningTask(env, taskWork(), link);
  await until("both are durable", () => committedValues(cluster).length === 2);
  await stopped(task, clock);
  const [send] = collector.named("send out");
  const [commit] = collector.named("commit c");
  assert.ok(send && commit);
  assert.deepEqual([collector.paths[0], collector.services[0]], ["/v1/traces", "pipes"]);
  assert.deepEqual([send.kind, attribute(send, "messaging.destination.name")], [4, "out"]);
  assert.equal(Number(attribute(send, "messaging.batch.message_count")), 2);
  assert.equal(attribute(send, "millrace.connector"), "c");
  assert.deepEqual(
    send.links?.map(({ traceId, spanId }) => [traceId, spanId]),
    [[UPSTREAM.traceId, UPSTREAM.spanId]],
  );
  assert.deepEqual(
    commit.links?.map(({ spanId }) => spanId),
    [send.spanId],
  );
  const [first, second] = cluster
    .log("out")
    .map(({ headers }) =>
      headers.filter(({ key }) => key === "traceparent").map(({ value }) => new TextDecoder().decode(value!)),
    );
  assert.deepEqual(first?.map(parseTraceparent), [{ traceId: send.traceId, spanId: send.spanId, sampled: true }]);
  assert.deepEqual(second, [traceparentText(UPSTREAM)]);
});

test("a batch that fails is a span that says so, without what the error says", async () => {
  const fixture = openHostFixture({
    task: () => ({ poll: () => [{ ...record(1), topic: "connect-offsets" }] }),
    worker: { "millrace.auto.restart": "false" },
    tracing: (await tracing({}, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }))!,
  });
  const { env, link, clock, reports } = fixture;
  const task = new RunningTask(env, taskWork(), link);
  while (reports.at(-1)?.state !== "FAILED") {
    await clock.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await stopped(task, clock);
  const failed = collector.spans.find(({ status }) => status.code === 2);
  assert.equal(failed?.status.message, "ConnectError");
  assert.equal(attribute(failed!, "error.type"), "ConnectError");
});

test("a sink's puts are spans, linked to where their records came from", async () => {
  const fixture = openSinkFixture({}, { tracing: (await tracing({ "millrace.otel.endpoint": endpoint }))! });
  const { env, link, cluster, clock, until, values } = fixture;
  const producer = await cluster.client().producer({});
  const header = { key: "traceparent", value: new TextEncoder().encode(traceparentText(UPSTREAM)) };
  const broken = { key: "traceparent", value: new TextEncoder().encode("none") };
  const value = new TextEncoder().encode("v");
  for (const headers of [[header], [header], [broken], null]) producer.send("in", 0, value, null, 0, headers);
  await producer.flush(1_000);
  const task = new RunningTask(env, sinkWork(), link);
  await until("all are put", () => values.length === 4);
  await stopped(task, clock);
  const [put] = collector.named("process in");
  assert.ok(put);
  assert.deepEqual(
    put.links?.map(({ traceId, spanId }) => [traceId, spanId]),
    [[UPSTREAM.traceId, UPSTREAM.spanId]],
  );
  assert.equal(attribute(put, "messaging.consumer.group.name"), "connect-c");
  assert.equal(put.kind, 5);
});

test("parseTraceparent takes what is well formed, in quotes too, and nothing else", () => {
  const text = traceparentText(UPSTREAM);
  assert.deepEqual(parseTraceparent(text), UPSTREAM);
  assert.deepEqual(parseTraceparent(`"${text}"`), UPSTREAM);
  assert.deepEqual(parseTraceparent(text.replace(/01$/, "00")), { ...UPSTREAM, sampled: false });
  for (const wrong of [
    "",
    "00",
    text.replace("00-", "ff-"),
    text.toUpperCase(),
    text.replace(/[0-9a-f]{32}/, "0".repeat(32)),
  ]) {
    assert.equal(parseTraceparent(wrong), null, wrong);
  }
});
