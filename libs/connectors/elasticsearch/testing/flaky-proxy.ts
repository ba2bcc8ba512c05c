// A server in front of another that answers some requests itself, or cuts them.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/**
 * What becomes of a request: a status answered instead of passing it on; `cut` before it is passed on; `cut after` the
 * server behind has done it; undefined to pass it on.
 */
export type Fault = number | "cut" | "cut after" | undefined;

export class FlakyProxy {
  readonly requests: ProxiedRequest[] = [];
  readonly url: string;
  #close: () => void;

  private constructor(url: string, close: () => void) {
    this.url = url;
    this.#close = close;
  }

  /** @param target null: there is no server behind, and what is not a fault gets `{}`. */
  static async open(
    target: string | null,
    fault: (request: ProxiedRequest, number: number) => Fault,
  ): Promise<FlakyProxy> {
    const server = createServer(async (incoming, outgoing) => {
      const request = await read(incoming);
      const number = proxy.requests.push(request) - 1;
      const what = fault(request, number);
      if (what === "cut") return void incoming.socket.destroy();
      if (typeof what === "number") return void outgoing.writeHead(what).end('{"error":{"type":"as_told"}}');
      if (target === null) return void outgoing.end("{}");
      const passed = await passOn(target, request);
      if (what === "cut after") return void incoming.socket.destroy();
      answer(outgoing, passed);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const proxy = new FlakyProxy(`http://127.0.0.1:${port}`, () => {
      server.closeAllConnections();
      server.close();
    });
    return proxy;
  }

  close(): void {
    this.#close();
  }
}

async function read(incoming: IncomingMessage): Promise<ProxiedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const body = (incoming.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8");
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
}

async function passOn(target: string, { method, path, headers, body }: ProxiedRequest) {
  const type = headers["content-type"];
  const answered = await fetch(target + path, {
    method,
    headers: type === undefined ? {} : { "content-type": type },
    ...(body === "" ? {} : { body }),
  });
  return { status: answered.status, body: await answered.text() };
}

function answer(outgoing: ServerResponse, { status, body }: { readonly status: number; readonly body: string }): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(body);
}
