// Pure: how messages look on the wire, and the checks at both ends of it.
import { type Event, errorMessage, ProtocolError, type Request, toErrorMessage } from "@millrace/protocol";
import * as z from "zod";

const envelope = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorMessage }),
]);

const ISSUES_SHOWN_MAX = 5;

/** One line: which fields are wrong and why. Shows types and accepted values, never what was in the message (I9). */
function describe(error: z.ZodError): string {
  const shown = error.issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => {
    const path = issue.path.join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  const rest = error.issues.length - shown.length;
  return rest > 0 ? `${shown.join("; ")}; and ${rest} more` : shown.join("; ");
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string, code: "INVALID" | "INTERNAL"): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ProtocolError(code, `${what} does not fit its schema: ${describe(parsed.error)}`, { cause: parsed.error });
}

function fromJson(text: string, what: string, code: "INVALID" | "INTERNAL"): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError(code, `${what} is not JSON`, { cause });
  }
}

/** @throws ProtocolError INVALID */
export function encodeRequest<Q, A>(request: Request<Q, A>, message: Q): string {
  return JSON.stringify(check(request.request, message, `request ${request.subject} to be sent`, "INVALID"));
}

/** @throws ProtocolError INVALID */
export function decodeRequest<Q, A>(request: Request<Q, A>, text: string): Q {
  const what = `request ${request.subject} as received`;
  return check(request.request, fromJson(text, what, "INVALID"), what, "INVALID");
}

/** @throws ProtocolError INTERNAL: the responder's own fault, not the asker's. */
export function encodeReply<Q, A>(request: Request<Q, A>, answer: A): string {
  return JSON.stringify({
    ok: true,
    value: check(request.reply, answer, `answer to ${request.subject} to be sent`, "INTERNAL"),
  });
}

export function encodeFailure(error: unknown): string {
  return JSON.stringify({ ok: false, error: toErrorMessage(error) });
}

/** @throws ProtocolError the responder's own, or INTERNAL for an answer that cannot be understood. */
export function decodeReply<Q, A>(request: Request<Q, A>, text: string): A {
  const what = `answer to ${request.subject} as received`;
  const reply = check(envelope, fromJson(text, what, "INTERNAL"), what, "INTERNAL");
  if (reply.ok) return check(request.reply, reply.value, what, "INTERNAL");
  throw new ProtocolError(reply.error.code, reply.error.message, { retriable: reply.error.retriable });
}

/** @throws ProtocolError INVALID */
export function encodeEvent<M>(event: Event<M>, message: M): string {
  return JSON.stringify(check(event.message, message, `event ${event.subject} to be sent`, "INVALID"));
}

/** @throws ProtocolError INVALID */
export function decodeEvent<M>(event: Event<M>, text: string): M {
  const what = `event ${event.subject} as received`;
  return check(event.message, fromJson(text, what, "INVALID"), what, "INVALID");
}

export function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function oversize(what: string, bytes: number, bytesMax: number): ProtocolError {
  return new ProtocolError(
    "INTERNAL",
    `${what} has ${bytes} bytes, more than the ${bytesMax} the message server takes (max_payload): send less at a time, or raise max_payload`,
  );
}

export function noResponder(subject: string): ProtocolError {
  return new ProtocolError("UNAVAILABLE", `nobody answers ${subject}: no service that does is running and connected`);
}

export function timedOut(subject: string, timeoutMs: number): ProtocolError {
  return new ProtocolError("TIMEOUT", `no answer to ${subject} within ${timeoutMs} ms; it may have been carried out`);
}

/**
 * A cluster's own corner of a shared message server: `millrace.<group id>`. One token, and no two group ids share one:
 * what a subject token cannot hold, and `=`, becomes `=` and two hex digits for each byte of UTF-8.
 */
export function subjectPrefix(groupId: string): string {
  const token = [...groupId]
    .map((char) =>
      /[A-Za-z0-9_-]/.test(char)
        ? char
        : [...toBytes(char)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
    )
    .join("");
  return `millrace.${token === "" ? "=" : token}`;
}
