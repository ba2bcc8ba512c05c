import { setTimeout as sleep } from "node:timers/promises";

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Null for an empty body. */
  readonly body: unknown;
}

interface Status {
  readonly state: string;
  readonly worker_id: string;
  readonly trace?: string;
  readonly restarts?: { readonly count: number; readonly reason: string; readonly next_restart_ms?: number };
}

export interface ConnectorStatus {
  readonly name: string;
  readonly connector: Status;
  readonly tasks: readonly (Status & { readonly id: number })[];
}

const REQUEST_TIMEOUT_MS = 30_000;
/** With another gateway to ask. */
const REQUEST_TIMEOUT_OF_MANY_MS = 10_000;
const RETRY_MS = 200;

/** Asks Connect's REST API; keeps every answer, so that a test can look for what must not be in them. */
export class RestClient {
  #urls: readonly string[];
  #at = 0;
  readonly answers: string[] = [];

  /** @param urls of equal gateways: one that does not answer is left for the next. */
  constructor(...urls: readonly string[]) {
    this.#urls = urls;
  }

  get url(): string {
    return this.#urls[this.#at % this.#urls.length]!;
  }

  /** One request. Rejects when nobody answers, or `signal` is aborted. */
  async ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const timeout = AbortSignal.timeout(this.#urls.length > 1 ? REQUEST_TIMEOUT_OF_MANY_MS : REQUEST_TIMEOUT_MS);
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    }).catch((error) => {
      this.#at += 1;
      throw error;
    });
    const text = await response.text();
    this.answers.push(`${method} ${path} ${response.status} ${[...response.headers].join(" ")} ${text}`);
    return { status: response.status, text, body: text === "" ? null : JSON.parse(text) };
  }

  /** Asks again while nobody answers or the answer says that it may help, until `deadlineMs` have passed. */
  async insist(method: string, path: string, body?: unknown, deadlineMs = 60_000): Promise<Answer> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const answer = await this.ask(method, path, body).catch((error: Error) => error);
      const isFinal = !(answer instanceof Error) && ![409, 500, 503].includes(answer.status);
      if (isFinal) return answer;
      if (performance.now() > deadline) {
        const last = answer instanceof Error ? String(answer.cause ?? answer) : `${answer.status} ${answer.text}`;
        throw new Error(`${method} ${path} had no good answer in ${deadlineMs} ms; the last: ${last}`);
      }
      await sleep(RETRY_MS);
    }
  }

  /** Null when there is no answer, or no status yet. */
  async status(connector: string): Promise<ConnectorStatus | null> {
    const answer = await this.ask("GET", `/connectors/${encodeURIComponent(connector)}/status`).catch(() => null);
    return answer?.status === 200 ? (answer.body as ConnectorStatus) : null;
  }

  /** Whether the connector and exactly this many tasks are in a state. */
  async isIn(state: string, connector: string, tasks: number): Promise<boolean> {
    const status = await this.status(connector);
    if (status === null || status.connector.state !== state || status.tasks.length !== tasks) return false;
    return status.tasks.every((task) => task.state === state);
  }
}
