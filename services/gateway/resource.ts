import { HttpError, routingMessage } from "./errors.ts";
import { acceptsJson, isJson } from "./media-type.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a handler sees of a request. */
export interface Call {
  readonly request: Request;
  readonly query: URLSearchParams;
  /** Origin of the address that the client used. */
  readonly origin: string;
  /** A path parameter, decoded. */
  param(name: string): string;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

export type Handler = (call: Call) => Promise<Response>;

/** One path and what can be done with it. HEAD comes with GET, OPTIONS by itself. */
export interface Resource {
  /** As Hono writes it: `/connectors/:connector`. */
  readonly path: string;
  /** It answers with something else than JSON, whatever is wanted. */
  readonly otherMedia?: true;
  readonly methods: { readonly [M in Method]?: Handler };
}

/** Connect's order of refusals: method, then what is sent, then what is wanted. */
export async function handle(resource: Resource, call: Call): Promise<Response> {
  const { method, headers } = call.request;
  if (method === "OPTIONS") return options(resource);
  const handler = resource.methods[(method === "HEAD" ? "GET" : method) as Method];
  if (handler === undefined) return refuse(405);
  if (!isJson(headers.get("content-type"))) return refuse(415);
  if (resource.otherMedia !== true && !acceptsJson(headers.get("accept"))) return refuse(406);
  return handler(call);
}

/** No resource has taken the request yet, so its answer has no content type, as in Connect. */
export function refuse(status: 404 | 405 | 406 | 415): Response {
  const body = JSON.stringify({ error_code: status, message: routingMessage(status) });
  return new Response(new TextEncoder().encode(body), { status });
}

function options(resource: Resource): Response {
  const methods = Object.keys(resource.methods);
  const allow = [...methods, "OPTIONS", ...(methods.includes("GET") ? ["HEAD"] : [])].sort();
  return new Response(null, { status: 200, headers: { "content-type": "application/json", allow: allow.join(",") } });
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

export function empty(status: 202 | 204): Response {
  return new Response(null, { status });
}

/** @throws HttpError 400 for anything but a whole number within the bounds. */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  bounds: { readonly absent: number; readonly min: number; readonly max: number },
): number {
  const text = query.get(name);
  if (text === null) return bounds.absent;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  throw new HttpError(400, `${name}=${text}: give a whole number from ${bounds.min} to ${bounds.max}`);
}

/** A boolean query parameter as Java reads it: "true" in any case is true, any other text is false. */
export function flag(query: URLSearchParams, name: string, absent: boolean): boolean {
  const text = query.get(name);
  return text === null ? absent : text.toLowerCase() === "true";
}
