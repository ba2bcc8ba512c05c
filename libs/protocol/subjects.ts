// Pure: the shapes a conversation is defined by.
import type * as z from "zod";

/** One question and its answer. `subject` is relative: the bus puts the cluster's prefix before it. */
export interface Request<Q, A> {
  readonly kind: "request";
  readonly subject: string;
  readonly request: z.ZodType<Q>;
  readonly reply: z.ZodType<A>;
}

/** A message nobody answers: a hint. Losing it delays, never breaks (everyone also re-reads on a timer). */
export interface Event<M> {
  readonly kind: "event";
  readonly subject: string;
  readonly message: z.ZodType<M>;
}

export function defineRequest<Q, A>(subject: string, request: z.ZodType<Q>, reply: z.ZodType<A>): Request<Q, A> {
  return { kind: "request", subject, request, reply };
}

export function defineEvent<M>(subject: string, message: z.ZodType<M>): Event<M> {
  return { kind: "event", subject, message };
}
