import { type Bus, connectNats, type Subscription } from "@millrace/bus";
import {
  type Assignment,
  assignmentEvent,
  fence,
  heartbeat,
  pluginList,
  pluginValidate,
  runnerAlive,
  tasksPut,
  type Work,
  type WorkReport,
} from "@millrace/protocol";
import { systemClock } from "@millrace/time";

export const PLAYED_CLASS = "bench.Played";
const TASKS_PER_CONNECTOR = 2;
const HEARTBEAT_MS = 1_000;

/**
 * Speaks as a runner does and runs nothing: work is RUNNING as soon as it is assigned, every connector wants two tasks, every
 * configuration is valid. What is left to measure is the control plane.
 */
export class PlayedRunner {
  readonly #bus: Bus;
  readonly #id: string;
  readonly #reports = new Map<string, WorkReport>();
  #assignment: Assignment | null = null;
  #beating = false;
  #again = false;
  #timer: NodeJS.Timeout | null = null;

  private constructor(bus: Bus, id: string) {
    this.#bus = bus;
    this.#id = id;
  }

  static async start(id: string, { url, groupId }: { url: string; groupId: string }): Promise<PlayedRunner> {
    const bus = await connectNats({ url, prefix: groupId, name: id, clock: systemClock });
    const runner = new PlayedRunner(bus, id);
    const subscriptions: readonly Promise<Subscription>[] = [
      bus.subscribe(assignmentEvent(id), (assignment) => runner.#apply(assignment)),
      bus.respond(runnerAlive(id), () => ({})),
      bus.respond(fence, () => ({})),
      bus.respond(pluginList, () => ({ plugins: [{ class: PLAYED_CLASS, type: "source" as const, version: "1" }] })),
      bus.respond(pluginValidate, () => {
        return {
          infos: { name: PLAYED_CLASS, error_count: 0, groups: [], configs: [] },
          type: "source" as const,
          passwords: [],
        };
      }),
    ];
    await Promise.all(subscriptions);
    runner.#timer = setInterval(() => void runner.#beat(), HEARTBEAT_MS);
    await runner.#beat();
    return runner;
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#bus.close();
  }

  #apply(assignment: Assignment): void {
    const known = this.#assignment;
    if (known && (known.epoch - assignment.epoch || known.sequence - assignment.sequence) >= 0) return;
    this.#assignment = assignment;
    const wanted = new Map(assignment.work.map((work) => [keyOf(work), work]));
    for (const key of this.#reports.keys()) if (!wanted.has(key)) this.#reports.delete(key);
    for (const [key, work] of wanted) this.#run(key, work);
    void this.#beat();
  }

  #run(key: string, work: Work): void {
    const generation = work.kind === "task" ? work.generation : work.configVersion;
    const isNew = this.#reports.get(key)?.generation !== generation;
    const state = work.targetState === "STARTED" ? "RUNNING" : work.targetState;
    const task = work.kind === "task" ? work.task : null;
    const { connector, restart } = work;
    this.#reports.set(key, { connector, task, generation, restart, state, active: true, trace: null, version: "1" });
    if (work.kind === "task" || !isNew) return;
    const configs = Array.from({ length: TASKS_PER_CONNECTOR }, (_, i) => ({
      part: String(i),
      "task.class": PLAYED_CLASS,
    }));
    const put = { name: connector, configVersion: generation, configs };
    void this.#bus.request(tasksPut, put, { timeoutMs: 30_000 }).catch(() => this.#reports.delete(key));
  }

  async #beat(): Promise<void> {
    if (this.#beating) {
      this.#again = true;
      return;
    }
    this.#beating = true;
    const applied = this.#assignment && { epoch: this.#assignment.epoch, sequence: this.#assignment.sequence };
    const message = {
      ...{ runner: this.#id, workerId: `${this.#id}:8083`, version: "1", hosts: 1, busy: 0 },
      ...{ draining: false, leaving: false, applied, work: [...this.#reports.values()] },
    };
    const answer = await this.#bus.request(heartbeat, message, { timeoutMs: 3_000 }).catch(() => null);
    this.#beating = false;
    if (answer?.assignment) this.#apply(answer.assignment);
    if (!this.#again) return;
    this.#again = false;
    void this.#beat();
  }
}

const keyOf = (work: Work): string => (work.kind === "task" ? `${work.connector}-${work.task}` : work.connector);
