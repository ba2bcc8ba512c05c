// Pure: the one error that crosses the wire between services.

/**
 * NOT_FOUND 404 · ALREADY_EXISTS and CONFLICT 409 · INVALID 400 · UNAVAILABLE 503 (nobody there to answer, retry helps) ·
 * TIMEOUT 500 · INTERNAL 500.
 */
export const errorCodes = [
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "CONFLICT",
  "INVALID",
  "UNAVAILABLE",
  "TIMEOUT",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** As it is sent; `error-message.ts` checks it. Apart, so that who only throws and asks needs no zod. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retriable: boolean;
}

const BRAND = Symbol.for("millrace.ProtocolError");

/** Thrown by a handler to answer with an error; thrown at the asker with the same code and message. */
export class ProtocolError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly retriable: boolean;

  constructor(code: ErrorCode, message: string, options: { retriable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ProtocolError";
    this.code = code;
    this.retriable = options.retriable ?? (code === "UNAVAILABLE" || code === "TIMEOUT");
  }
}

export function isProtocolError(error: unknown): error is ProtocolError {
  return typeof error === "object" && error !== null && BRAND in error;
}

/** Total over foreign errors: anything unknown becomes INTERNAL with its own message. */
export function toErrorMessage(error: unknown): ErrorMessage {
  if (isProtocolError(error)) return { code: error.code, message: error.message, retriable: error.retriable };
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error), retriable: false };
}
