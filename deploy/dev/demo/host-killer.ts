import type { Bus } from "@millrace/bus";
import { runnerStats } from "@millrace/protocol";

const CHECK_MS = 50;
const BUSY_MS_MAX = 30_000;

/** Kills a task host with SIGKILL, one that has records under way, each time a moment has come. */
export class HostKiller {
  readonly events: string[] = [];
  killed = 0;
  #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async run(moments: readonly (() => boolean)[]): Promise<void> {
    for (const due of moments) {
      while (!due()) await pause(CHECK_MS);
      await this.#kill();
    }
  }

  async #kill(): Promise<void> {
    const startMs = performance.now();
    while (performance.now() - startMs < BUSY_MS_MAX) {
      const { hosts } = await this.#bus.request(runnerStats, {}).catch(() => ({ hosts: [] }));
      const busiest = [...hosts].filter(({ tasks }) => tasks.length > 0).sort((a, b) => load(b) - load(a))[0];
      if (busiest !== undefined) {
        process.kill(busiest.pid, "SIGKILL");
        this.killed++;
        this.events.push(
          `SIGKILL to task host ${busiest.pid} (tasks ${busiest.tasks.map(({ task }) => task).join(", ")})`,
        );
        return;
      }
      await pause(CHECK_MS);
    }
  }
}

function load({ tasks }: { tasks: readonly { recordsPolled: number }[] }): number {
  return tasks.reduce((sum, { recordsPolled }) => sum + recordsPolled, 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
