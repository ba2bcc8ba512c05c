import type { Logger } from "@millrace/connect";
import type { SimulatedProcess } from "./simulated-process.ts";

/** The message by which a task's logger learns which instance it belongs to: loggers know the generation, tasks do not. */
export const INSTANCE_BEGINS = "simulated task instance";

export interface Instance {
  readonly connector: string;
  readonly task: number;
  readonly generation: number;
  readonly host: SimulatedProcess;
}

/** The tasks of all hosts, as their own code knows them. */
export class Instances {
  /** All that ever were; what they write holds their number. */
  readonly #all = new Map<number, Instance>();
  readonly #live = new Set<number>();
  #identified: Instance | null = null;

  /** A task begins: its logger is asked who it is, and answers by `identified`, at once. */
  begin(logger: Logger): { readonly number: number; readonly instance: Instance } {
    this.#identified = null;
    logger.debug(INSTANCE_BEGINS);
    const instance = this.#identified as Instance | null;
    if (instance === null) throw new Error("the logger of a task does not say whose it is");
    const number = this.#all.size + 1;
    this.#all.set(number, instance);
    this.#live.add(number);
    return { number, instance };
  }

  identified(host: SimulatedProcess, fields: Readonly<Record<string, unknown>>): void {
    this.#identified = { ...(fields as Omit<Instance, "host">), host };
  }

  end(number: number): void {
    this.#live.delete(number);
  }

  get(number: number): Instance | undefined {
    return this.#all.get(number);
  }

  /** Of this task, or of any of this connector's, in hosts that live. */
  running(connector: string, task: number | null): number {
    let count = 0;
    for (const number of this.#live) {
      const each = this.#all.get(number)!;
      if (each.connector === connector && (task === null || each.task === task) && !each.host.isDead) count++;
    }
    return count;
  }
}
