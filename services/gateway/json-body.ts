// Pure: a request body as JSON. What Connect cannot read is a 500 there, not a 400, so it is here.
import { HttpError } from "./errors.ts";

/** Null for no body, and for the JSON null. @throws HttpError 500 for what is no JSON object. */
export function parseJsonObject(text: string | null, what: string): Record<string, unknown> | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(`The request body is not valid JSON${position(error)}`);
  }
  if (value === null) return null;
  if (typeof value !== "object" || Array.isArray(value)) throw unreadable(`Expected ${what} to be a JSON object`);
  return value as Record<string, unknown>;
}

export function unreadable(message: string): HttpError {
  return new HttpError(500, message);
}

/** The engine's own message may quote the body, and so a password (I9): only the place is told. */
function position(error: unknown): string {
  const found = /position (\d+)/.exec(error instanceof Error ? error.message : "");
  return found === null ? "" : `: it goes wrong at character ${found[1]}`;
}
