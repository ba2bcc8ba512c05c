import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Clock } from "@millrace/time";
import type { Gateway } from "./app.ts";

/** One of the worker's `listeners`. */
export interface Listener {
  readonly protocol: "http" | "https";
  /** Empty: every interface. */
  readonly host: string;
  /** 0: any free one; see `Serving.addresses`. */
  readonly port: number;
}

export interface Serving {
  /** Where it listens, one per listener, as `http://host:port`. */
  readonly addresses: readonly string[];
  /** Takes no new connections, lets running requests end for up to `graceMs`, then cuts them off. */
  close(graceMs?: number): Promise<void>;
}

/** Connect's server's. Node's 5 seconds are less than proxies and pools keep connections for, whose next request then fails. */
const keepAliveTimeoutMs = 90_000;

/** Opens every listener or none. @throws Error that names the listener and says what to do. */
export async function serveGateway(deps: {
  gateway: Gateway;
  listeners: readonly Listener[];
  clock: Clock;
}): Promise<Serving> {
  const servers: Server[] = [];
  const close = async (graceMs = 5_000) => {
    await Promise.all(servers.map((server) => closeServer(server, deps.clock, graceMs)));
  };
  try {
    for (const listener of deps.listeners) servers.push(await listen(deps.gateway, listener));
  } catch (error) {
    await close(0);
    throw error;
  }
  return { addresses: servers.map(addressOf), close };
}

async function listen(gateway: Gateway, listener: Listener): Promise<Server> {
  if (listener.protocol === "https") {
    throw new Error(
      `Listener ${show(listener)}: the gateway does not serve https itself. Use an http listener behind a proxy that ends TLS`,
    );
  }
  const answer = getRequestListener(
    async (request, { outgoing }) => sendAsIs(await gateway.fetch(request), outgoing as HttpBindings["outgoing"]),
    // The process is not the gateway's alone: its Request and Response stay the runtime's own.
    { overrideGlobalObjects: false },
  );
  const server = createServer((incoming, outgoing) => {
    // HTTP/1.0 has no Host header, and health checks of load balancers speak it.
    if (incoming.httpVersion === "1.0") incoming.headers.host ??= new URL(addressOf(server)).host;
    return answer(incoming, outgoing);
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(listener, error)));
    const host = listener.host === "" ? {} : { host: listener.host };
    server.listen({ port: listener.port, ...host }, resolve);
  });
  return server;
}

/**
 * Connect sends some refusals without a content type; the adapter would add one to any body that has none. Without a length an
 * empty body would go out in chunks.
 */
async function sendAsIs(response: Response, outgoing: HttpBindings["outgoing"]): Promise<Response> {
  if (response.body === null && response.status !== 204) response.headers.set("content-length", "0");
  if (response.body === null || response.headers.has("content-type")) return response;
  const body = new Uint8Array(await response.arrayBuffer());
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), "content-length": body.length });
  outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}

function closeServer(server: Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}

function cannotListen(listener: Listener, error: NodeJS.ErrnoException): Error {
  const where = show(listener);
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Listener ${where}: port ${listener.port} is in use. Stop what listens there, or give another port in "listeners"`,
    EACCES: `Listener ${where}: this user may not open port ${listener.port}. Give a port above 1023 in "listeners"`,
    EADDRNOTAVAIL: `Listener ${where}: this machine has no address ${listener.host}. Give one of its own in "listeners", or none for all`,
    ENOTFOUND: `Listener ${where}: the name ${listener.host} does not resolve. Correct it in "listeners", or give none for all addresses`,
  };
  return new Error(reasons[error.code ?? ""] ?? `Listener ${where} could not be opened: ${error.message}`, {
    cause: error,
  });
}

function show({ protocol, host, port }: Listener): string {
  return `${protocol}://${bracketed(host)}:${port}`;
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${bracketed(address === "::" || address === "0.0.0.0" ? "localhost" : address)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
