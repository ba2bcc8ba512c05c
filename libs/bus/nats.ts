import { type Event, ProtocolError, type Request } from "@millrace/protocol";
import { backoffMs, type Clock, systemRandom } from "@millrace/time";
import {
  AuthorizationError,
  type ConnectionOptions,
  InvalidArgumentError,
  type Msg,
  type NatsConnection,
  NoRespondersError,
  RequestError,
  TimeoutError,
  wsconnect,
} from "@nats-io/nats-core";
import type { Bus, RequestOptions, RespondOptions, Subscription } from "./bus.ts";
import { answer, busy, Handling, hear } from "./handling.ts";
import { type BusLogger, silentLogger } from "./logger.ts";
import { type NatsServers, parseNatsUrl } from "./nats-url.ts";
import {
  decodeReply,
  encodeEvent,
  encodeFailure,
  encodeRequest,
  noResponder,
  oversize,
  subjectPrefix,
  timedOut,
  toBytes,
} from "./wire.ts";

export interface NatsOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** The cluster's group id; see `subjectPrefix`. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger?: BusLogger;
  /** How the server lists this connection, e.g. `runner-1a2b`. */
  readonly name: string;
  /** How long the first connection may take, retries included. Default 30,000. Later ones are retried for ever. */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

const QUEUE_GROUP = "millrace";
const RETRY = { initialMs: 100, maxMs: 2000 };
/** A server that answers two pings in a row with silence is gone: noticed within 10 to 15 s. */
const PING_INTERVAL_MS = 5000;

/**
 * Connects, retrying while there is time, and stays connected: reconnects for ever.
 * @throws ProtocolError UNAVAILABLE no server in time; INVALID the URL or its credentials are wrong. Both name the URL.
 */
export async function connectNats(options: NatsOptions): Promise<Bus> {
  const servers = readUrl(options.url);
  if (servers.webSocket && !("WebSocket" in globalThis)) {
    throw new ProtocolError("INVALID", `this runtime has no WebSocket for ${servers.shown}: give a nats:// URL`);
  }
  const { clock } = options;
  const deadlineMs = clock.monotonicMs() + (options.connectTimeoutMs ?? 30_000);
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    const leftMs = deadlineMs - clock.monotonicMs();
    try {
      const connection = await dial(servers, options.name, Math.max(1, Math.min(5000, leftMs)));
      return new NatsBus(connection, servers, options);
    } catch (cause) {
      if (cause instanceof AuthorizationError) {
        throw new ProtocolError("INVALID", `NATS at ${servers.shown} refuses the user, password or token of the URL`, {
          cause,
        });
      }
      const waitMs = backoffMs(attempt, RETRY, systemRandom());
      if (clock.monotonicMs() + waitMs >= deadlineMs) throw unreachable(servers, attempt, cause);
      if (attempt === 1) options.logger?.info("waiting for NATS", { url: servers.shown });
      await clock.sleep(waitMs, options.signal);
    }
  }
}

function readUrl(url: string): NatsServers {
  try {
    return parseNatsUrl(url);
  } catch (cause) {
    throw new ProtocolError("INVALID", `${(cause as Error).message}; check millrace.nats.url or NATS_URL`, { cause });
  }
}

function unreachable(servers: NatsServers, attempts: number, cause: unknown): ProtocolError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ProtocolError(
    "UNAVAILABLE",
    `no NATS server at ${servers.shown} after ${attempts} attempts (${reason}): start it, or correct millrace.nats.url or NATS_URL`,
    { cause },
  );
}

async function dial(servers: NatsServers, name: string, timeoutMs: number): Promise<NatsConnection> {
  const { user, pass, token } = servers;
  const options: ConnectionOptions = {
    servers: servers.servers,
    name,
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    reconnectJitter: 250,
    ignoreAuthErrorAbort: true,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    ...(servers.tls ? { tls: {} } : {}),
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(token === undefined ? {} : { token }),
  };
  if (servers.webSocket) return wsconnect(options);
  // Loaded only where there is TCP, so that the bus also runs on an edge worker.
  const { connect } = await import("@nats-io/transport-node");
  return connect(options);
}

/** CONNECTED ◀──▶ DISCONNECTED (the client library reconnects and subscribes again) ─close()─▶ CLOSED */
class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #prefix: string;
  readonly #shown: string;
  readonly #logger: BusLogger;
  readonly #subscriptions = new Set<Subscription>();
  /** One for each request that waits for an answer; called when the connection is lost. */
  readonly #waiting = new Set<() => void>();
  #connected = true;
  #closing: Promise<void> | null = null;

  constructor(connection: NatsConnection, servers: NatsServers, options: NatsOptions) {
    this.#connection = connection;
    this.#prefix = subjectPrefix(options.prefix);
    this.#shown = servers.shown;
    this.#logger = options.logger ?? silentLogger;
    void this.#follow();
  }

  async #follow(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "disconnect" && this.#connected) {
        this.#disconnected();
        if (this.#closing === null) this.#logger.warn("connection to NATS lost, reconnecting", { url: this.#shown });
      } else if (status.type === "reconnect") {
        this.#connected = true;
        this.#logger.info("connected to NATS again", { url: this.#shown });
      } else if (status.type === "error") {
        this.#logger.error("NATS reports an error", { url: this.#shown, error: status.error });
      }
    }
    this.#disconnected();
    if (this.#closing === null) this.#logger.error("connection to NATS ended for good", { url: this.#shown });
  }

  #disconnected(): void {
    this.#connected = false;
    for (const lost of [...this.#waiting]) lost();
  }

  #subject(subject: string): string {
    return `${this.#prefix}.${subject}`;
  }

  #payloadBytesMax(): number {
    return this.#connection.info?.max_payload ?? 1024 * 1024;
  }

  #unavailable(subject: string, what: string): ProtocolError {
    return new ProtocolError("UNAVAILABLE", `${subject}: ${what} NATS at ${this.#shown}`);
  }

  async request<Q, A>(request: Request<Q, A>, message: Q, options: RequestOptions = {}): Promise<A> {
    const { subject } = request;
    options.signal?.throwIfAborted();
    const payload = toBytes(encodeRequest(request, message));
    if (!this.connected()) throw this.#unavailable(subject, "not connected to");
    const bytesMax = this.#payloadBytesMax();
    if (payload.length > bytesMax) throw oversize(`request ${subject}`, payload.length, bytesMax);
    const reply = await this.#ask(subject, payload, options);
    return decodeReply(request, reply.string());
  }

  #ask(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Msg> {
    const timeout = options.timeoutMs ?? 10_000;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#waiting.delete(onLost);
        options.signal?.removeEventListener("abort", onAbort);
        act();
      };
      const onLost = () =>
        settle(() => reject(this.#unavailable(subject, "it may have been carried out, but lost the connection to")));
      const onAbort = () => settle(() => reject(options.signal?.reason));
      this.#waiting.add(onLost);
      options.signal?.addEventListener("abort", onAbort, { once: true });
      this.#connection.request(this.#subject(subject), payload, { timeout }).then(
        (message) => settle(() => resolve(message)),
        (error: unknown) => settle(() => reject(this.#requestError(subject, timeout, error))),
      );
    });
  }

  #requestError(subject: string, timeoutMs: number, error: unknown): ProtocolError {
    if (error instanceof TimeoutError) return timedOut(subject, timeoutMs);
    if (error instanceof NoRespondersError) return noResponder(subject);
    if (error instanceof RequestError && error.isNoResponders()) return noResponder(subject);
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof InvalidArgumentError) {
      return new ProtocolError("INTERNAL", `${subject} was not sent: ${message}`, { cause: error });
    }
    return this.#unavailable(subject, `${message}:`);
  }

  async respond<Q, A>(
    request: Request<Q, A>,
    handler: (message: Q) => Promise<A> | A,
    options: RespondOptions = {},
  ): Promise<Subscription> {
    const { subject } = request;
    const queue = (options.queue ?? true) ? QUEUE_GROUP : null;
    return this.#receive(subject, queue, (handling, message) => {
      const answering = { request, handler, payloadBytesMax: this.#payloadBytesMax(), logger: this.#logger };
      const accepted = handling.run(async () => {
        this.#reply(subject, message, await answer(answering, message.string()));
      });
      if (!accepted) this.#reply(subject, message, toBytes(encodeFailure(busy(subject))));
    });
  }

  /** A lost connection swallows the answer; the asker has been told by its own end. */
  #reply(subject: string, message: Msg, payload: Uint8Array): void {
    if (!this.connected()) return;
    try {
      message.respond(payload);
    } catch (error) {
      this.#logger.warn(`answer to ${subject} was not sent`, { error });
    }
  }

  publish<M>(event: Event<M>, message: M): void {
    try {
      const payload = toBytes(encodeEvent(event, message));
      const bytesMax = this.#payloadBytesMax();
      if (payload.length > bytesMax) throw oversize(`event ${event.subject}`, payload.length, bytesMax);
      if (this.connected()) this.#connection.publish(this.#subject(event.subject), payload);
    } catch (error) {
      this.#logger.error(`event ${event.subject} was not sent`, { error });
    }
  }

  async subscribe<M>(event: Event<M>, handler: (message: M) => void | Promise<void>): Promise<Subscription> {
    return this.#receive(event.subject, null, (handling, message) => {
      handling.run(() => hear(event, handler, message.string(), this.#logger));
    });
  }

  async #receive(
    subject: string,
    queue: string | null,
    take: (handling: Handling, message: Msg) => void,
  ): Promise<Subscription> {
    if (this.#closing !== null) throw this.#unavailable(subject, "the bus is closed, no longer listening on");
    const handling = new Handling();
    const inner = this.#connection.subscribe(this.#subject(subject), {
      ...(queue === null ? {} : { queue }),
      callback: (error, message) => {
        if (error) this.#logger.error(`listening on ${subject} failed`, { error });
        else take(handling, message);
      },
    });
    let ended: Promise<void> | null = null;
    const end = async () => {
      this.#subscriptions.delete(subscription);
      if (this.connected()) await inner.drain().catch(() => {});
      else inner.unsubscribe();
      await handling.ended();
    };
    const subscription: Subscription = {
      close: () => {
        ended ??= end();
        return ended;
      },
    };
    this.#subscriptions.add(subscription);
    // Once the server has seen it, no request misses it. Not connected: the client subscribes when it is again.
    await this.#flush();
    return subscription;
  }

  async #flush(): Promise<void> {
    if (this.connected()) await this.#connection.flush().catch(() => {});
  }

  connected(): boolean {
    return this.#connected && !this.#connection.isClosed();
  }

  /** Takes no more messages, lets the handlers that run end and answer, then disconnects. */
  close(): Promise<void> {
    this.#closing ??= this.#drainAndClose();
    return this.#closing;
  }

  async #drainAndClose(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#flush();
    await this.#connection.close();
  }
}
