import { ConfigError, ConnectError, isConnectError, RetriableError } from "@millrace/connect";
import type { RetrySettings } from "../config/settings.ts";
import type { HttpAnswer } from "./http-client.ts";

export interface RetryDeps {
  readonly settings: RetrySettings;
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Told before each wait. */
  readonly retrying: (what: string, reason: string, delayMs: number) => void;
  /** Ends waits; requests take it themselves. */
  readonly signal: AbortSignal;
}

const DELAY_MAX_MS = 86_400_000;

/** The wait before retry `attempt`, from 1: anything up to the backoff doubled each time, so that tasks do not come together. */
export function retryDelayMs(attempt: number, { backoffMs }: RetrySettings, random: number): number {
  return Math.floor(random * Math.min(DELAY_MAX_MS, backoffMs * 2 ** attempt));
}

/** Too much load, or something behind it is away: the same request may work later. */
export const mayPass = (status: number): boolean => status === 429 || status === 408 || status >= 500;

/** What Elasticsearch said, for an error; without its body where documents may be quoted. */
export function refusal(answer: HttpAnswer): ConnectError {
  const message = `Elasticsearch answered ${answer.status}${reasonOf(answer.body)}`;
  if (mayPass(answer.status)) return new RetriableError(message, { code: "ELASTICSEARCH_BUSY" });
  const code = `ELASTICSEARCH_${answer.status}`;
  // A user, a key or a permission: nothing that passes.
  return answer.status === 401 || answer.status === 403
    ? new ConfigError(message, { code })
    : new ConnectError(message, { code });
}

function reasonOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: string | { type?: string; reason?: string } };
    if (typeof error === "string") return `: ${error}`;
    return error?.type === undefined ? "" : `: ${error.type}: ${error.reason ?? ""}`;
  } catch {
    return "";
  }
}

/**
 * Calls until it works. @throws ConnectError when it fails for good, or too often; its cause says whether that may pass.
 * @param what for messages: "create index orders".
 */
export async function withRetries<T>(what: string, call: () => Promise<T>, deps: RetryDeps): Promise<T> {
  const { settings, sleep, random, retrying, signal } = deps;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (cause) {
      const final = (isConnectError(cause) && !cause.retriable) || signal.aborted;
      if (final || attempt > settings.retriesMax) {
        const tries = attempt === 1 ? "" : ` after ${attempt} attempts`;
        throw new ConnectError(`Failed to ${what}${tries}: ${messageOf(cause)}`, { cause });
      }
      const delayMs = retryDelayMs(attempt - 1, settings, random());
      retrying(what, messageOf(cause), delayMs);
      await sleep(delayMs, signal);
    }
  }
}

/** Node names several failed addresses only in the parts. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message || error.name : String(error);
}
