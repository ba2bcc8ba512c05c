import { type Event, isProtocolError, ProtocolError, type Request } from "@millrace/protocol";
import type { BusLogger } from "./logger.ts";
import { decodeEvent, decodeRequest, encodeFailure, encodeReply, oversize, toBytes } from "./wire.ts";

/** Per subscription; what comes above it is refused (a request) or dropped (an event). Far above any honest load. */
const HANDLERS_RUNNING_MAX = 1000;

/** The handlers of one subscription that run now, and the end of it. */
export class Handling {
  readonly #running = new Set<Promise<void>>();

  /** Runs `handle`, which must not reject. false: too many run already, and it was not. */
  run(handle: () => Promise<void>): boolean {
    if (this.#running.size >= HANDLERS_RUNNING_MAX) return false;
    const running = handle().finally(() => this.#running.delete(running));
    this.#running.add(running);
    return true;
  }

  async ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

export function busy(subject: string): ProtocolError {
  return new ProtocolError(
    "UNAVAILABLE",
    `${subject} is answering ${HANDLERS_RUNNING_MAX} requests already; ask later`,
  );
}

export interface Answering<Q, A> {
  readonly request: Request<Q, A>;
  readonly handler: (message: Q) => Promise<A> | A;
  readonly payloadBytesMax: number;
  readonly logger: BusLogger;
}

/** The reply to one request's text. Never rejects: a failure is answered too. */
export async function answer<Q, A>(answering: Answering<Q, A>, text: string): Promise<Uint8Array> {
  const { request, handler, payloadBytesMax, logger } = answering;
  try {
    const reply = toBytes(encodeReply(request, await handler(decodeRequest(request, text))));
    if (reply.length > payloadBytesMax) throw oversize(`answer to ${request.subject}`, reply.length, payloadBytesMax);
    return reply;
  } catch (error) {
    // The asker gets the message only; a fault nobody foresaw leaves its stack here.
    if (!isProtocolError(error)) logger.error(`answering ${request.subject} failed`, { error });
    return toBytes(encodeFailure(error));
  }
}

/** Hands one event's text to its handler. Never rejects: nobody waits for it. */
export async function hear<M>(
  event: Event<M>,
  handler: (message: M) => void | Promise<void>,
  text: string,
  logger: BusLogger,
): Promise<void> {
  try {
    await handler(decodeEvent(event, text));
  } catch (error) {
    logger.error(`handling event ${event.subject} failed`, { error });
  }
}
