import { CliError, EXIT } from "./cli-error.ts";

const TIMEOUT_MS = 100_000;

export interface RestOptions {
  /** Default: an answer other than 2xx is an error. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A server with Kafka Connect's REST API. User and password in its address go with each request. */
export class ConnectRest {
  readonly url: string;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string) {
    const { username, password } = new URL(url);
    this.#base = url.replace(/\/\/[^@/]*@/, "//");
    this.url = this.#base;
    const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#headers = username === "" ? {} : { authorization: `Basic ${Buffer.from(user).toString("base64")}` };
  }

  get(path: string, options?: RestOptions): Promise<unknown> {
    return this.send("GET", path, undefined, options).then(({ body }) => body);
  }

  /** @throws CliError in the server's words; `notFound` for a 404, `unreachable` when nobody answers. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    { accept = [], signal }: RestOptions = {},
  ): Promise<RestAnswer> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.open(method, path, body, signal ? AbortSignal.any([signal, timeout]) : timeout);
    const text = await response.text().catch((cause: Error) => {
      throw new CliError(`the answer of ${this.url} broke off (${cause.message})`, EXIT.unreachable, { cause });
    });
    const answer = parsed(text);
    if (response.ok || accept.includes(response.status)) return { status: response.status, body: answer };
    throw this.#refused(method, path, response.status, answer);
  }

  /** The answer as it comes, for streams; its status is the caller's to look at. */
  async open(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const content = body === undefined ? {} : { "content-type": "application/json" };
    try {
      return await fetch(this.#base + path, {
        method,
        signal,
        headers: { accept: "application/json", ...content, ...this.#headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
      const advice = "start it, or say where it is with --url, MILLRACE_URL or a context";
      throw new CliError(`nobody answers at ${this.url} (${why}): ${advice}`, EXIT.unreachable, { cause });
    }
  }

  #refused(method: string, path: string, status: number, body: unknown): CliError {
    const message = (body as { message?: unknown } | null)?.message;
    if (status === 404 && path.startsWith("/millrace/") && message === "HTTP 404 Not Found") {
      return new CliError(
        `${this.url} has no ${path}: only Millrace does, and this may be Kafka Connect`,
        EXIT.notFound,
      );
    }
    const text = typeof message === "string" ? message : `${method} ${path} was answered with ${status}`;
    return new CliError(text, status === 404 ? EXIT.notFound : EXIT.failed);
  }
}

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One segment of a path. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}
