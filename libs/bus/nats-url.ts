// Pure: what a NATS URL of ours may say.

export interface NatsServers {
  /** `host:port`, or a whole `ws://` URL, as the client library takes them. */
  readonly servers: string[];
  readonly webSocket: boolean;
  readonly tls: boolean;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** The servers without credentials, for messages and logs (I9). */
  readonly shown: string;
}

const PROTOCOLS = ["nats:", "tls:", "ws:", "wss:"];

/**
 * Reads `nats://user:password@a:4222,nats://b:4222`: one or more servers of one cluster, credentials on the first.
 * `nats://token@host` gives a token, `tls://` requires TLS, `ws://` and `wss://` use web sockets.
 * @throws Error saying which part cannot be read.
 */
export function parseNatsUrl(text: string): NatsServers {
  const urls = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseOne);
  const first = urls[0];
  if (!first) throw new Error("the NATS URL is empty: give one like nats://127.0.0.1:4222");
  const webSocket = first.protocol === "ws:" || first.protocol === "wss:";
  const user = decodeURIComponent(first.username);
  const pass = decodeURIComponent(first.password);
  return {
    servers: urls.map((url) => (webSocket ? `${url.protocol}//${url.host}${url.pathname}` : url.host)),
    webSocket,
    tls: first.protocol === "tls:",
    ...(user !== "" && pass !== "" ? { user, pass } : user !== "" ? { token: user } : {}),
    shown: urls.map((url) => `${url.protocol}//${url.host}`).join(","),
  };
}

function parseOne(part: string): URL {
  const full = part.includes("://") ? part : `nats://${part}`;
  const bare = full.replace(/\/\/[^@]*@/, "//");
  if (!URL.canParse(full)) throw new Error(`the NATS URL ${bare} cannot be read: give one like nats://127.0.0.1:4222`);
  const url = new URL(full);
  if (!PROTOCOLS.includes(url.protocol) || url.host === "") {
    throw new Error(`the NATS URL ${bare} cannot be used: it starts with nats://, tls://, ws:// or wss://`);
  }
  return url;
}
