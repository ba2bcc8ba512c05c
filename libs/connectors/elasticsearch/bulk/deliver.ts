import { ConnectError, RetriableError } from "@millrace/connect";
import type { HttpAnswer } from "../http/http-client.ts";
import { messageOf, type RetryDeps, refusal, retryDelayMs, withRetries } from "../http/retry.ts";
import { toRepeat, type Write } from "./batch.ts";
import { type ItemError, type ItemOutcome, itemOutcomes } from "./bulk-answer.ts";

export interface DeliverDeps<T> {
  /** One bulk request, one attempt. */
  readonly send: (lines: string) => Promise<HttpAnswer>;
  readonly retry: RetryDeps;
  /** Called once for each, in any order. */
  readonly landed: (write: Write<T>, outcome: Exclude<ItemOutcome, { kind: "busy" }>) => void;
}

/** The request itself is at fault, which says nothing about which document is: halves are tried. */
const DIVISIBLE = new Set([400, 413]);

/**
 * Sends writes until each has an answer of its own: refused ones are sent again, a request refused as a whole in halves.
 * @throws ConnectError when Elasticsearch cannot be reached, is too busy for too long, or refuses us.
 */
export async function deliver<T>(writes: readonly Write<T>[], deps: DeliverDeps<T>): Promise<void> {
  const { retry, landed } = deps;
  let left = writes;
  for (let attempt = 0; left.length > 0; attempt++) {
    const answer = await send(left, deps);
    if (DIVISIBLE.has(answer.status)) {
      if (left.length > 1) return deliverHalves(left, deps);
      return landed(left[0]!, { kind: "malformed", error: wholeError(answer) });
    }
    const outcomes = itemOutcomes(answer.body, left.length);
    if (outcomes === null) {
      for (const write of left) landed(write, { kind: "done" });
      return;
    }
    const repeat = new Set(toRepeat(left, (index) => outcomes[index]!.kind === "busy"));
    let refused: ItemError | null = null;
    for (const [index, write] of left.entries()) {
      const outcome = outcomes[index]!;
      if (outcome.kind === "busy") refused = outcome.error;
      else if (!repeat.has(write)) landed(write, outcome);
    }
    if (refused === null) return;
    left = [...repeat];
    await beforeRepeat(left.length, refused, attempt, retry);
  }
}

async function beforeRepeat(count: number, { type }: ItemError, attempt: number, retry: RetryDeps): Promise<void> {
  const { settings, sleep, random, retrying, signal } = retry;
  if (attempt >= settings.retriesMax) {
    const cause = new RetriableError(`Elasticsearch refuses ${count} documents: ${type}`, {
      code: "ELASTICSEARCH_BUSY",
    });
    throw new ConnectError(`Bulk request failed after ${attempt + 1} attempts: ${cause.message}`, { cause });
  }
  const delayMs = retryDelayMs(attempt, settings, random());
  retrying("write documents", type, delayMs);
  await sleep(delayMs, signal);
}

async function deliverHalves<T>(writes: readonly Write<T>[], deps: DeliverDeps<T>): Promise<void> {
  const half = Math.ceil(writes.length / 2);
  await deliver(writes.slice(0, half), deps);
  await deliver(writes.slice(half), deps);
}

async function send<T>(writes: readonly Write<T>[], { send: sendOnce, retry }: DeliverDeps<T>): Promise<HttpAnswer> {
  let lines = "";
  for (const { operation } of writes) lines += operation.text;
  return withRetries(
    `write ${writes.length} documents`,
    async () => {
      const answer = await sendOnce(lines);
      if (answer.status >= 300 && !DIVISIBLE.has(answer.status)) throw refusal(answer);
      return answer;
    },
    retry,
  );
}

function wholeError(answer: HttpAnswer): ItemError {
  return { type: "action_request_validation_exception", reason: messageOf(refusal(answer)) };
}
