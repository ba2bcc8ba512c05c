import type { Bus } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import { isProtocolError, ProtocolError, type Request as Question } from "@millrace/protocol";

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** What REST says when the answer is NOT_FOUND. Absent: the responder's own words. */
  readonly notFound?: string;
}

/** One question to another service. Rejects with its ProtocolError; see `toErrorBody`. */
export type Ask = <Q, A>(question: Question<Q, A>, message: Q, options?: AskOptions) => Promise<A>;

export function createAsk(bus: Bus, timeoutMsDefault: number): Ask {
  return async (question, message, { signal, timeoutMs = timeoutMsDefault, notFound } = {}) => {
    try {
      failPoint("gateway.ask.before");
      const answer = await bus.request(question, message, signal === undefined ? { timeoutMs } : { timeoutMs, signal });
      failPoint("gateway.ask.after");
      return answer;
    } catch (cause) {
      if (notFound === undefined || !isNotFound(cause)) throw cause;
      throw new ProtocolError("NOT_FOUND", notFound, { cause });
    }
  };
}

export function isNotFound(error: unknown): boolean {
  return isProtocolError(error) && error.code === "NOT_FOUND";
}
