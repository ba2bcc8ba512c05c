import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import type { Machine } from "./machine.ts";
import type { RestAnswer, RestRequest } from "./simulated-listener.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { World } from "./world.ts";

/** After so long a connection sends once more what did not get through. */
const RETRANSMIT_MS = 200;
/** So often it tries to say that it is closed. */
const CLOSING_TRIES_MAX = 50;
/** Of processes that die, so many leave a system behind that says so to their clients. */
const RESET_SHARE = 0.5;

export interface RestClientDeps {
  readonly world: World;
  /** The client's own. */
  readonly process: SimulatedProcess;
  readonly random: SeededRandom;
}

/**
 * Speaks HTTP with gateways. Its connections are TCP's: what is lost comes later, nothing comes twice, and a gateway that
 * dies may be noticed only by waiting.
 */
export class RestClient {
  readonly #deps: RestClientDeps;

  constructor(deps: RestClientDeps) {
    this.#deps = deps;
  }

  /** null: no answer came in time, or the connection was refused or reset. Then nobody knows whether it was carried out. */
  ask(gateway: Machine, request: RestRequest, timeoutMs: number): Promise<RestAnswer | null> {
    return this.#deps.process.hear(this.#exchange(gateway, request, timeoutMs));
  }

  #exchange(gateway: Machine, request: RestRequest, timeoutMs: number): Promise<RestAnswer | null> {
    const { timeline } = this.#deps.world;
    return new Promise((resolve) => {
      let isOver = false;
      let closed = () => {};
      const end = (answer: RestAnswer | null) => {
        if (isOver) return;
        isOver = true;
        cancel();
        resolve(answer);
      };
      const cancel = timeline.after(timeoutMs, () => {
        end(null);
        closed();
      });
      const back = async (answer: RestAnswer | null) => {
        if (await this.#travel(gateway.name, this.#place, () => !isOver)) end(answer);
      };
      const arrive = () => {
        const exchange = gateway.booted?.rest?.take(request) ?? null;
        const { process } = gateway;
        if (exchange === null || process === null) return void back(null);
        closed = () => void this.#close(gateway.name, exchange.gone);
        process.onDeath(() => {
          if (!isOver && this.#deps.random.next() < RESET_SHARE) void back(null);
        });
        void exchange.answer.then(back);
      };
      void this.#travel(this.#place, gateway.name, () => !isOver).then((hasArrived) => {
        if (hasArrived) arrive();
      });
    });
  }

  async #close(gateway: string, gone: () => void): Promise<void> {
    let tries = 0;
    if (await this.#travel(this.#place, gateway, () => ++tries < CLOSING_TRIES_MAX)) gone();
  }

  get #place(): string {
    return this.#deps.process.name;
  }

  /** false: given up on the way. */
  async #travel(from: string, to: string, isWanted: () => boolean): Promise<boolean> {
    const { timeline, network } = this.#deps.world;
    for (;;) {
      const delayMs = network.delayMs(from, to);
      await timeline.sleep(delayMs ?? RETRANSMIT_MS);
      if (!isWanted()) return false;
      if (delayMs !== null) return true;
    }
  }
}
