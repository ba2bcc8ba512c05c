// Pure: Kafka failures, classified by what the caller can do next.

/**
 * - `retriable`: the same call may work later; nothing was changed.
 * - `abortable`: the transaction must be aborted; the producer lives on.
 * - `indefinite`: it is unknown whether the call took effect (timeout, connection lost during commit): the producer is dead.
 * - `fenced`: another producer with this transactional id, or another member of the group, took over. Never retry.
 * - `invalid`: the request can never work as given (record too large, bad config, no authorisation).
 * - `fatal`: the client is unusable: close it and make another.
 */
export type KafkaErrorKind = "retriable" | "abortable" | "indefinite" | "fenced" | "invalid" | "fatal";

const BRAND = Symbol.for("millrace.KafkaError");

/** A failure of a Kafka call: `code` is Kafka's own error name (`PRODUCER_FENCED`, `_TIMED_OUT`), `kind` says what helps. */
export class KafkaError extends Error {
  readonly [BRAND] = true;
  readonly code: string;
  readonly kind: KafkaErrorKind;

  constructor(message: string, options: { code: string; kind: KafkaErrorKind; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KafkaError";
    this.code = options.code;
    this.kind = options.kind;
  }

  get retriable(): boolean {
    return this.kind === "retriable";
  }
}

export function isKafkaError(error: unknown): error is KafkaError {
  return typeof error === "object" && error !== null && BRAND in error;
}
