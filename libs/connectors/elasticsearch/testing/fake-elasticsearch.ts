// A bulk endpoint in memory that answers as it is told, for tests of what is sent when.
import type { HttpAnswer } from "../http/http-client.ts";
import type { RetryDeps } from "../http/retry.ts";

export interface SentRequest {
  readonly lines: string;
  /** The names of its documents, in order. */
  readonly ids: readonly string[];
  answer(answer: HttpAnswer): void;
  fail(error: Error): void;
}

/** Holds every request until the test answers it. */
export class HeldRequests {
  readonly sent: SentRequest[] = [];

  readonly send = (lines: string): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      this.sent.push({ lines, ids: idsOf(lines), answer: resolve, fail: reject });
    });
}

export function idsOf(lines: string): string[] {
  return [...lines.matchAll(/"_id":"([^"]*)"/g)].map((match) => match[1]!);
}

export const allDone: HttpAnswer = { status: 200, body: '{"errors":false}' };

/** Statuses of items, in order; an error type for each that failed. */
export function answerOf(...items: readonly (number | readonly [status: number, type: string])[]): HttpAnswer {
  const told = items.map((item) =>
    typeof item === "number"
      ? { index: { status: item } }
      : { index: { status: item[0], error: { type: item[1], reason: "because" } } },
  );
  return { status: 200, body: JSON.stringify({ errors: true, items: told }) };
}

/** Waits take no time, and are written down. */
export function instantRetries(retriesMax: number): { readonly retry: RetryDeps; readonly waits: number[] } {
  const waits: number[] = [];
  const retry: RetryDeps = {
    settings: { retriesMax, backoffMs: 100 },
    sleep: async (delayMs) => void waits.push(delayMs),
    random: () => 0.5,
    retrying: () => {},
    signal: new AbortController().signal,
  };
  return { retry, waits };
}

/** Lets everything run that waits for nothing outside. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
