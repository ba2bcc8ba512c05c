import type { Event, Request } from "@millrace/protocol";

export interface RequestOptions {
  /** Default 10,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RespondOptions {
  /**
   * true (default): of all that respond, one gets each request (a queue group).
   * false: every responder gets it and the first answer wins; for subjects only a leader listens on.
   */
  readonly queue?: boolean;
}

/** Stops delivering; resolves when handlers that run have ended. Idempotent. */
export interface Subscription {
  close(): Promise<void>;
}

/**
 * Typed messages between services. Both ends parse what they send and what they get. Handlers of one subscription run
 * concurrently; a handler that throws answers with the error (`toErrorMessage`).
 *
 * `request` rejects with ProtocolError: the responder's own error, UNAVAILABLE when nobody responds or the connection is
 * down, TIMEOUT when no answer came in time. `publish` never throws and never waits: a hint may be lost.
 */
export interface Bus {
  request<Q, A>(request: Request<Q, A>, message: Q, options?: RequestOptions): Promise<A>;
  respond<Q, A>(
    request: Request<Q, A>,
    handler: (message: Q) => Promise<A> | A,
    options?: RespondOptions,
  ): Promise<Subscription>;
  publish<M>(event: Event<M>, message: M): void;
  subscribe<M>(event: Event<M>, handler: (message: M) => void | Promise<void>): Promise<Subscription>;
  /** Whether messages can get through now (memory: always). */
  connected(): boolean;
  close(): Promise<void>;
}
