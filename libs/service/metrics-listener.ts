import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { CONTENT_TYPES, type TextFormat, textFormat } from "@millrace/metrics";
import type { Listener } from "./listeners.ts";

/** Pieces of an answer, in the format asked for. */
export type MetricsAnswer = (format: TextFormat) => Promise<Iterable<string>>;

export interface MetricsServing {
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

/**
 * `GET /metrics` of a service that has no REST API: on `millrace.metrics.listeners`.
 * @throws Error that names the listener.
 */
export async function serveMetrics(listeners: readonly Listener[], answer: MetricsAnswer): Promise<MetricsServing> {
  const servers: Server[] = [];
  const close = async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  try {
    for (const listener of listeners) servers.push(await listen(listener, answer));
  } catch (error) {
    await close();
    throw error;
  }
  const addresses = servers.map((server) => `http://localhost:${(server.address() as AddressInfo).port}/metrics`);
  return { addresses, close };
}

async function listen({ protocol, host, port }: Listener, answer: MetricsAnswer): Promise<Server> {
  const name = `${protocol}://${host}:${port}`;
  if (protocol === "https") {
    throw new Error(`Listener ${name} in millrace.metrics.listeners: https is not served. Use http behind a proxy`);
  }
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (path !== "/metrics" || request.method !== "GET") {
      response.writeHead(path === "/metrics" ? 405 : 404).end();
      return;
    }
    const format = textFormat(request.headers.accept ?? null);
    const zipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    const send = async () => {
      const pieces = Readable.from(await answer(format), { objectMode: true });
      response.writeHead(200, {
        "content-type": CONTENT_TYPES[format],
        ...(zipped ? { "content-encoding": "gzip" } : {}),
      });
      if (zipped) await pipeline(pieces, createGzip(), response);
      else await pipeline(pieces, response);
    };
    send().catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(503).end("what is measured cannot be read now\n");
    });
  });
  server.listen({ port, ...(host === "" ? {} : { host }) });
  try {
    await once(server, "listening");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Listener ${name} in millrace.metrics.listeners cannot be opened: ${reason}`, { cause });
  }
  return server;
}
