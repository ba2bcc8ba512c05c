// Pure: what went wrong → HTTP status and Connect's `{error_code, message}`.
import { type ErrorCode, isProtocolError } from "@millrace/protocol";

export interface ErrorBody {
  readonly error_code: number;
  readonly message: string;
}

/** An answer other than success, decided in the gateway itself. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HttpError";
    this.status = status;
  }
}

const statusOf: Readonly<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  INVALID: 400,
  UNAVAILABLE: 503,
  TIMEOUT: 500,
  INTERNAL: 500,
};

const reasons: Readonly<Record<number, string>> = {
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  415: "Unsupported Media Type",
};

/** What Connect says when a request fits no resource. */
export function routingMessage(status: 404 | 405 | 406 | 415): string {
  return `HTTP ${status} ${reasons[status]}`;
}

/** Total over foreign errors: anything unknown is a 500 with its own message. */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof HttpError) return { error_code: error.status, message: error.message };
  if (!isProtocolError(error)) {
    return { error_code: 500, message: error instanceof Error ? error.message : String(error) };
  }
  const message =
    error.code === "UNAVAILABLE"
      ? explainUnavailable(error.message)
      : error.code === "TIMEOUT"
        ? explainTimeout(error.message)
        : error.message;
  return { error_code: statusOf[error.code], message };
}

type ServiceName = "config" | "scheduler" | "runner";

const advice: Readonly<Record<ServiceName, string>> = {
  config: "Start the config service, or check that it reaches Postgres and the message server",
  scheduler:
    "Start a scheduler, or check that it reaches Postgres and the message server; a new leader is found within seconds",
  runner: "Start a runner, or check that it reaches the message server",
};

/**
 * Which service is missing shows in the subject that nobody answered. It need not be the one that was asked: the config
 * service relays a runner's absence. A responder that is there but cannot answer says so in its own words.
 */
function explainUnavailable(message: string): string {
  const service = serviceIn(message);
  if (service === null) return message;
  return `The ${service} service is not available. ${advice[service]}, then repeat the request. (${message})`;
}

function explainTimeout(message: string): string {
  const service = serviceIn(message);
  const who = service === null ? "" : ` The ${service} service did not answer in time.`;
  return `Request timed out.${who} (${message})`;
}

function serviceIn(message: string): ServiceName | null {
  const subject = /\b(config|scheduler|runner)\.[a-z]/.exec(message);
  return (subject?.[1] as ServiceName | undefined) ?? null;
}
