import type { Bus, MemoryHub, RequestOptions, RespondOptions, Subscription } from "@millrace/bus";
import type { Event, Request } from "@millrace/protocol";
import type { SimulatedProcess } from "./simulated-process.ts";

export interface BusObserver {
  /** A message of this process's, as it was sent. */
  sent?(subject: string, message: unknown): void;
  /** A request, when it has reached the code of this process. */
  heard?(subject: string, message: unknown): void;
}

/** A process's connection to the hub: nothing of it happens while the process is paused, or after its death. */
export class SimulatedBus implements Bus {
  readonly #process: SimulatedProcess;
  readonly #inner: Bus;
  readonly #observer: BusObserver;
  /** Requests that have not been answered. */
  underWay = 0;

  constructor(hub: MemoryHub, process: SimulatedProcess, observer: BusObserver = {}) {
    this.#process = process;
    this.#inner = hub.connect(process.id);
    this.#observer = observer;
  }

  request<Q, A>(request: Request<Q, A>, message: Q, options?: RequestOptions): Promise<A> {
    this.#observer.sent?.(request.subject, message);
    this.underWay++;
    const answer = this.#inner.request(request, message, options).finally(() => {
      this.underWay--;
    });
    return this.#process.hear(answer);
  }

  respond<Q, A>(
    request: Request<Q, A>,
    handler: (message: Q) => Promise<A> | A,
    options?: RespondOptions,
  ): Promise<Subscription> {
    const handle = (message: Q) =>
      this.#process.ask(() => {
        this.#observer.heard?.(request.subject, message);
        return handler(message);
      });
    return this.#process.hear(this.#inner.respond(request, handle, options));
  }

  publish<M>(event: Event<M>, message: M): void {
    this.#observer.sent?.(event.subject, message);
    this.#inner.publish(event, message);
  }

  subscribe<M>(event: Event<M>, handler: (message: M) => void | Promise<void>): Promise<Subscription> {
    return this.#process.hear(this.#inner.subscribe(event, (message) => this.#process.ask(() => handler(message))));
  }

  connected(): boolean {
    return true;
  }

  close(): Promise<void> {
    return this.#process.hear(this.#inner.close());
  }

  /** The message server has noticed that the process is gone: it sends nothing there any more. */
  forget(): void {
    void this.#inner.close();
  }
}
