import type { Gateway } from "../../services/gateway/app.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

export interface RestRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: string;
  readonly text: string;
}

export interface SimulatedListenerDeps {
  readonly process: SimulatedProcess;
  readonly gateway: Gateway;
  readonly nowMs: () => number;
  /** A request has reached the gateway. @returns is told of its answer. */
  readonly asked: (request: RestRequest) => (answer: RestAnswer) => void;
}

/** A request that the gateway works on. */
interface Open {
  /** The gateway may go on so long for nobody. */
  readonly abandonedMaxMs: number;
  /** Since when the gateway knows that nobody waits for the answer, and how often it had been stopped by then. */
  gone: { readonly sinceMs: number; readonly stops: number } | null;
}

/** What a client holds of its request. */
export interface Exchange {
  readonly answer: Promise<RestAnswer>;
  /** The client has closed the connection. */
  gone(): void;
}

/** How long an orderly end waits for requests, as `serveGateway` does it. */
const GRACE_MS = 5_000;
/** Longer than the questions that a gateway asks for itself and not for one client: for plugins, and the cluster's id. */
const ABANDONED_MAX_MS = 3_000;
/** What is measured is gathered once for all who ask, and that by two questions in a row. */
const ABANDONED_METRICS_MAX_MS = 9_000;
const METRICS = "/millrace/v1/metrics";

/** A gateway's port: its own code behind it, called with requests as its HTTP server makes them. */
export class SimulatedListener {
  readonly #deps: SimulatedListenerDeps;
  readonly #open = new Set<Open>();
  #isClosing = false;
  #drained: () => void = () => {};

  constructor(deps: SimulatedListenerDeps) {
    this.#deps = deps;
  }

  /** @returns null: refused. */
  take({ method, path, body }: RestRequest): Exchange | null {
    const { process, gateway, nowMs, asked } = this.#deps;
    if (this.#isClosing || process.isDead) return null;
    const client = new AbortController();
    const open: Open = { abandonedMaxMs: path === METRICS ? ABANDONED_METRICS_MAX_MS : ABANDONED_MAX_MS, gone: null };
    this.#open.add(open);
    const answer = process.ask(async () => {
      const answered = asked({ method, path, body });
      const request = new Request(`http://gateway:8083${path}`, {
        method,
        signal: client.signal,
        ...(body === undefined
          ? {}
          : {
              headers: { "content-type": "application/json" },
              body: new TextEncoder().encode(JSON.stringify(body)),
            }),
      });
      const response = await gateway.fetch(request);
      const headers = [...response.headers].map((header) => header.join(": ")).join("\n");
      const complete = { status: response.status, headers, text: await response.text() };
      this.#end(open);
      // What is answered to nobody may say that it was given up.
      if (!client.signal.aborted) answered(complete);
      return complete;
    });
    const gone = () =>
      process.enter(() => {
        open.gone ??= { sinceMs: nowMs(), stops: process.stops };
        client.abort();
      });
    return { answer, gone };
  }

  #end(open: Open): void {
    this.#open.delete(open);
    if (this.#open.size === 0) this.#drained();
  }

  /** Of requests under way those whose client went long ago, while the gateway was running. */
  get abandoned(): number {
    const { nowMs, process } = this.#deps;
    const isAbandoned = ({ gone, abandonedMaxMs }: Open) =>
      gone !== null && gone.stops === process.stops && nowMs() - gone.sinceMs > abandonedMaxMs;
    return [...this.#open].filter(isAbandoned).length;
  }

  /** Takes nothing more; resolves when requests have been answered, or after the time they get. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.process.clock.after(GRACE_MS, resolve);
      this.#drained = () => {
        cancel();
        resolve();
      };
    });
  }
}
