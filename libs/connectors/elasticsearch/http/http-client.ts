import { gunzipSync, gzipSync } from "node:zlib";
import { type Dispatcher, Pool, ProxyAgent } from "undici";
import type { NodeAddress } from "../config/node-address.ts";
import type { HttpSettings } from "../config/settings.ts";
import { NodeChoice } from "./node-choice.ts";
import { tlsOptions } from "./tls-options.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST";
  /** From the root of the API: `/_bulk`. */
  readonly path: string;
  readonly body?: { readonly text: string; readonly type: "application/json" | "application/x-ndjson" };
  readonly signal?: AbortSignal;
}

interface Node {
  readonly dispatcher: Dispatcher;
  readonly pathPrefix: string;
  /** For this node alone: a proxy's secrets are not the node's business. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Requests to the nodes of a cluster, in turns. One request is one attempt: whoever asks knows whether to ask again. */
export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #nowMs: () => number;
  readonly #nodes: readonly Node[];
  readonly #choice: NodeChoice;
  readonly #headers: Readonly<Record<string, string>>;

  /** @throws ConfigError when certificates cannot be used. */
  constructor(settings: HttpSettings, nowMs: () => number) {
    this.#settings = settings;
    this.#nowMs = nowMs;
    this.#nodes = settings.nodes.map((node) => openNode(node, settings));
    this.#choice = new NodeChoice(this.#nodes.length);
    const { authorization, compression } = settings;
    this.#headers = {
      accept: "application/json",
      ...(authorization === null ? {} : { authorization }),
      ...(compression ? { "accept-encoding": "gzip" } : {}),
    };
  }

  /** Any status. Rejects with Node's or undici's own error when no answer came. */
  async request({ method, path, body, signal }: HttpRequest): Promise<HttpAnswer> {
    const index = this.#choice.take(this.#nowMs());
    const node = this.#nodes[index]!;
    const headers: Record<string, string> = { ...this.#headers, ...node.headers };
    let payload: string | Buffer | null = null;
    if (body !== undefined) {
      headers["content-type"] = body.type;
      payload = body.text;
      if (this.#settings.compression) {
        headers["content-encoding"] = "gzip";
        payload = gzipSync(payload);
      }
    }
    try {
      const answer = await node.dispatcher.request({
        origin: this.#settings.nodes[index]!.origin,
        method,
        path: node.pathPrefix + path,
        headers,
        body: payload,
        signal: signal ?? null,
      });
      const text =
        answer.headers["content-encoding"] === "gzip"
          ? gunzipSync(Buffer.from(await answer.body.arrayBuffer())).toString("utf8")
          : await answer.body.text();
      this.#choice.answered(index);
      return { status: answer.statusCode, body: text };
    } catch (error) {
      this.#choice.failed(index, this.#nowMs());
      throw error;
    }
  }

  /** Cuts requests that are on their way. */
  async close(): Promise<void> {
    await Promise.all(this.#nodes.map(({ dispatcher }) => dispatcher.destroy()));
  }
}

function openNode(node: NodeAddress, settings: HttpSettings): Node {
  const { connectionsMax, connectTimeoutMs, readTimeoutMs, idleTimeoutMs, proxy } = settings;
  const tls = settings.tls === null ? {} : tlsOptions(settings.tls);
  const options = {
    connections: connectionsMax,
    // 0 is no limit, for Java as for undici.
    headersTimeout: readTimeoutMs,
    bodyTimeout: readTimeoutMs,
    keepAliveTimeout: Math.max(1, idleTimeoutMs),
    keepAliveMaxTimeout: Math.max(1, idleTimeoutMs),
  };
  if (proxy === null) {
    const connect = { timeout: connectTimeoutMs, ...tls };
    return { dispatcher: new Pool(node.origin, { ...options, connect }), pathPrefix: node.path, headers: {} };
  }
  if (node.secure) {
    const uri = proxy.origin;
    const token = proxy.authorization === null ? {} : { token: proxy.authorization };
    const dispatcher = new ProxyAgent({ ...options, uri, ...token, requestTls: { timeout: connectTimeoutMs, ...tls } });
    return { dispatcher, pathPrefix: node.path, headers: {} };
  }
  // Without TLS a proxy is asked for the whole address; a tunnel it may refuse.
  const dispatcher = new Pool(proxy.origin, { ...options, connect: { timeout: connectTimeoutMs } });
  const secret = proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization };
  const headers = { host: new URL(node.origin).host, ...secret };
  return { dispatcher, pathPrefix: node.origin + node.path, headers };
}
