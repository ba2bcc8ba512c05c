import type { ServerLink } from "./server-link.ts";
import type { SimulatedBus } from "./simulated-bus.ts";
import type { SimulatedListener } from "./simulated-listener.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { World } from "./world.ts";

/** A service that has been started in a process. */
export interface Booted {
  readonly bus: SimulatedBus;
  /** To Postgres, of schedulers and config services. */
  readonly store?: ServerLink;
  /** Of gateways. */
  readonly rest?: SimulatedListener;
  /** As after SIGTERM. */
  stop(): Promise<void>;
}

export interface MachineOptions {
  readonly world: World;
  /** `scheduler-1`. */
  readonly name: string;
  readonly boot: (process: SimulatedProcess) => Booted;
}

/** How long a message server may take to notice that a connection's other end is gone without a word. */
const HALF_OPEN_MS = 4_000;
/** How long an orderly end may take before the process is killed. */
const STOP_TIMEOUT_MS = 8_000;

/** A place where one service runs, in one process after another. */
export class Machine {
  readonly name: string;
  readonly #options: MachineOptions;
  #process: SimulatedProcess | null = null;
  #booted: Booted | null = null;
  #count = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** null while nothing runs here. */
  get process(): SimulatedProcess | null {
    return this.#process;
  }

  get booted(): Booted | null {
    return this.#booted;
  }

  start(): void {
    if (this.#process !== null) return;
    const { world, boot } = this.#options;
    this.#count++;
    this.#process = world.process(`${this.name}#${this.#count}`);
    world.say(this.#process.id, "starts");
    this.#booted = boot(this.#process);
  }

  /** @param halfOpen the message server learns of it late. */
  kill(halfOpen: boolean): void {
    const { world } = this.#options;
    const [process, booted] = [this.#process, this.#booted];
    if (process === null || booted === null) return;
    this.#process = null;
    this.#booted = null;
    world.say(process.id, halfOpen ? "is killed, and nobody notices" : "is killed");
    process.kill();
    if (halfOpen) world.timeline.after(HALF_OPEN_MS, () => booted.bus.forget());
    else booted.bus.forget();
  }

  /** An orderly end; `ended` is called when nothing runs here. */
  stop(ended: () => void): void {
    const { world } = this.#options;
    const [process, booted] = [this.#process, this.#booted];
    if (process === null || booted === null) {
      ended();
      return;
    }
    world.say(process.id, "is asked to stop");
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      if (this.#process === process) this.kill(false);
      ended();
    };
    process.enter(() => void booted.stop().then(end, end));
    world.timeline.after(STOP_TIMEOUT_MS, end);
  }
}
