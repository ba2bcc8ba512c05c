import { type Event, ProtocolError, type Request } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import type { Bus, RequestOptions, RespondOptions, Subscription } from "./bus.ts";
import { answer, busy, Handling, hear } from "./handling.ts";
import { type BusLogger, silentLogger } from "./logger.ts";
import {
  decodeReply,
  encodeEvent,
  encodeFailure,
  encodeRequest,
  noResponder,
  oversize,
  timedOut,
  toBytes,
} from "./wire.ts";

/** One message on its way from one connection to another. */
export interface Passage {
  readonly kind: "request" | "reply" | "event";
  readonly subject: string;
  /** Names of the connections. */
  readonly from: string;
  readonly to: string;
}

/** After how many ms each copy arrives: `[0]` as usual, `[]` lost, `[0, 50]` twice, `[200]` late. */
export type PassageFilter = (passage: Passage) => readonly number[];

export interface MemoryHubOptions {
  readonly clock: Clock;
  readonly filter?: PassageFilter;
  /** Default 1 MiB, a NATS server's own default, so that a simulation meets the limit of any server. */
  readonly payloadBytesMax?: number;
  readonly logger?: BusLogger;
}

interface Receiver {
  readonly subject: string;
  readonly owner: string;
  readonly queue: boolean;
  /** `reply` is null for an event. */
  deliver(text: string, reply: ((text: string) => void) | null): void;
}

const decoder = new TextDecoder();

/**
 * The server that memory connections share. Messages cross it as text, so nothing is shared between sender and receiver,
 * and arrive in a later microtask, in the order they were sent. Repeatable: it has no time or chance of its own.
 */
export class MemoryHub {
  /** Decides what happens to each message; may be replaced at any time. */
  filter: PassageFilter;
  readonly clock: Clock;
  readonly payloadBytesMax: number;
  readonly logger: BusLogger;
  readonly #receivers = new Set<Receiver>();
  readonly #turns = new Map<string, number>();
  #connections = 0;

  constructor(options: MemoryHubOptions) {
    this.clock = options.clock;
    this.filter = options.filter ?? (() => [0]);
    this.payloadBytesMax = options.payloadBytesMax ?? 1024 * 1024;
    this.logger = options.logger ?? silentLogger;
  }

  connect(name?: string): Bus {
    this.#connections += 1;
    return new MemoryBus(this, name ?? `connection-${this.#connections}`);
  }

  /** The returned function removes it. */
  add(receiver: Receiver): () => void {
    this.#receivers.add(receiver);
    return () => this.#receivers.delete(receiver);
  }

  /** Who gets the next message on this subject: every plain receiver, and of those in the queue group the next in turn. */
  receivers(subject: string): readonly Receiver[] {
    const all = [...this.#receivers].filter((receiver) => receiver.subject === subject);
    const queued = all.filter((receiver) => receiver.queue);
    const plain = all.filter((receiver) => !receiver.queue);
    if (queued.length === 0) return plain;
    const turn = this.#turns.get(subject) ?? 0;
    this.#turns.set(subject, turn + 1);
    return [...plain, queued[turn % queued.length]!];
  }

  pass(passage: Passage, arrive: () => void): void {
    for (const delayMs of this.filter(passage)) {
      if (delayMs > 0) this.clock.after(delayMs, arrive);
      else queueMicrotask(arrive);
    }
  }
}

/** A hub with one connection, for a process that talks to itself. */
export function memoryBus(options: MemoryHubOptions): Bus {
  return new MemoryHub(options).connect();
}

/** OPEN ─close()─▶ CLOSING (no deliveries, running handlers may still ask and answer) ─▶ CLOSED */
class MemoryBus implements Bus {
  readonly #hub: MemoryHub;
  readonly #name: string;
  readonly #subscriptions = new Set<Subscription>();
  readonly #waiting = new Set<(error: unknown) => void>();
  #state: "OPEN" | "CLOSING" | "CLOSED" = "OPEN";

  constructor(hub: MemoryHub, name: string) {
    this.#hub = hub;
    this.#name = name;
  }

  async request<Q, A>(request: Request<Q, A>, message: Q, options: RequestOptions = {}): Promise<A> {
    options.signal?.throwIfAborted();
    if (this.#state === "CLOSED") throw closed(request.subject);
    const text = encodeRequest(request, message);
    const bytes = toBytes(text).length;
    if (bytes > this.#hub.payloadBytesMax) {
      throw oversize(`request ${request.subject}`, bytes, this.#hub.payloadBytesMax);
    }
    const receivers = this.#hub.receivers(request.subject);
    if (receivers.length === 0) throw noResponder(request.subject);
    return decodeReply(request, await this.#ask(request.subject, text, receivers, options));
  }

  #ask(subject: string, text: string, receivers: readonly Receiver[], options: RequestOptions): Promise<string> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    return new Promise<string>((resolve, reject) => {
      const settle = (act: () => void) => {
        cancelTimer();
        this.#waiting.delete(fail);
        options.signal?.removeEventListener("abort", onAbort);
        act();
      };
      const fail = (error: unknown) => settle(() => reject(error));
      const onAbort = () => fail(options.signal?.reason);
      const cancelTimer = this.#hub.clock.after(timeoutMs, () => fail(timedOut(subject, timeoutMs)));
      this.#waiting.add(fail);
      options.signal?.addEventListener("abort", onAbort, { once: true });
      for (const receiver of receivers) {
        const reply = (answerText: string) =>
          this.#hub.pass({ kind: "reply", subject, from: receiver.owner, to: this.#name }, () =>
            settle(() => resolve(answerText)),
          );
        this.#hub.pass({ kind: "request", subject, from: this.#name, to: receiver.owner }, () =>
          receiver.deliver(text, reply),
        );
      }
    });
  }

  async respond<Q, A>(
    request: Request<Q, A>,
    handler: (message: Q) => Promise<A> | A,
    options: RespondOptions = {},
  ): Promise<Subscription> {
    const { payloadBytesMax, logger } = this.#hub;
    const answering = { request, handler, payloadBytesMax, logger };
    return this.#receive(request.subject, options.queue ?? true, (handling, text, reply) => {
      const accepted = handling.run(async () => reply?.(decoder.decode(await answer(answering, text))));
      if (!accepted) reply?.(encodeFailure(busy(request.subject)));
    });
  }

  publish<M>(event: Event<M>, message: M): void {
    if (this.#state === "CLOSED") return;
    try {
      const text = encodeEvent(event, message);
      const bytes = toBytes(text).length;
      const bytesMax = this.#hub.payloadBytesMax;
      if (bytes > bytesMax) throw oversize(`event ${event.subject}`, bytes, bytesMax);
      for (const receiver of this.#hub.receivers(event.subject)) {
        const passage: Passage = { kind: "event", subject: event.subject, from: this.#name, to: receiver.owner };
        this.#hub.pass(passage, () => receiver.deliver(text, null));
      }
    } catch (error) {
      this.#hub.logger.error(`event ${event.subject} was not sent`, { error });
    }
  }

  async subscribe<M>(event: Event<M>, handler: (message: M) => void | Promise<void>): Promise<Subscription> {
    return this.#receive(event.subject, false, (handling, text) => {
      handling.run(() => hear(event, handler, text, this.#hub.logger));
    });
  }

  #receive(
    subject: string,
    queue: boolean,
    take: (handling: Handling, text: string, reply: ((text: string) => void) | null) => void,
  ): Subscription {
    if (this.#state !== "OPEN") throw closed(subject);
    const handling = new Handling();
    let open = true;
    const remove = this.#hub.add({
      subject,
      owner: this.#name,
      queue,
      deliver(text, reply) {
        if (open) take(handling, text, reply);
        else reply?.(encodeFailure(noResponder(subject)));
      },
    });
    const subscription: Subscription = {
      close: () => {
        open = false;
        remove();
        this.#subscriptions.delete(subscription);
        return handling.ended();
      },
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  connected(): boolean {
    return true;
  }

  async close(): Promise<void> {
    if (this.#state === "CLOSED") return;
    this.#state = "CLOSING";
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#state = "CLOSED";
    for (const fail of [...this.#waiting])
      fail(new ProtocolError("UNAVAILABLE", "the bus was closed before the answer"));
  }
}

function closed(subject: string): ProtocolError {
  return new ProtocolError("UNAVAILABLE", `${subject}: the bus is closed`);
}
