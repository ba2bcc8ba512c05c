import { type Bus, connectNats, type Subscription } from "@millrace/bus";
import {
  type Assignment,
  assignmentEvent,
  fence,
  pluginList,
  pluginValidate,
  runnerAlive,
  tasksPut,
  type Work,
  type WorkReport,
} from "@millrace/protocol";
import { systemClock } from "@millrace/time";
import { type AssignedWork, takeAssignment } from "../../../services/runner/assigned-work.ts";
import { Heartbeats } from "../../../services/runner/heartbeats.ts";

export const PLAYED_CLASS = "bench.Played";
const TASKS_PER_CONNECTOR = 2;
const HEARTBEAT_MS = 1_000;

/**
 * Speaks as a runner does and runs nothing: work is RUNNING as soon as it is assigned, every connector wants two tasks, every
 * configuration is valid. What is left to measure is the control plane.
 */
export class PlayedRunner {
  readonly #bus: Bus;
  readonly #reports = new Map<string, WorkReport>();
  readonly #heartbeats: Heartbeats;
  #assigned: AssignedWork | null = null;
  #timer: NodeJS.Timeout | null = null;

  private constructor(bus: Bus, id: string) {
    this.#bus = bus;
    this.#heartbeats = new Heartbeats({
      bus,
      timeoutMs: 3_000,
      state: () => {
        const about = { runner: id, workerId: `${id}:8083`, version: "1", hosts: 1, busy: 0, draining: false };
        return {
          ...about,
          applied: this.#assigned && { epoch: this.#assigned.epoch, sequence: this.#assigned.sequence },
        };
      },
      reports: () => new Map(this.#reports),
      assigned: (assignment) => this.#apply(assignment),
      unanswered: () => {},
    });
  }

  static async start(id: string, { url, groupId }: { url: string; groupId: string }): Promise<PlayedRunner> {
    const bus = await connectNats({ url, prefix: groupId, name: id, clock: systemClock });
    const runner = new PlayedRunner(bus, id);
    const subscriptions: readonly Promise<Subscription>[] = [
      bus.subscribe(assignmentEvent(id), (assignment) => runner.#apply(assignment)),
      bus.respond(runnerAlive(id), () => ({})),
      bus.respond(fence(id), () => ({})),
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
    runner.#timer = setInterval(() => runner.#heartbeats.beat(), HEARTBEAT_MS);
    runner.#heartbeats.beat();
    return runner;
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#bus.close();
  }

  #apply(assignment: Assignment): void {
    const taken = takeAssignment(this.#assigned, assignment);
    if (taken.is === "unfit") this.#heartbeats.beat();
    if (taken.is !== "newer") return;
    const before = this.#assigned?.work;
    this.#assigned = taken.assigned;
    for (const key of this.#reports.keys()) if (!this.#assigned.work.has(key)) this.#reports.delete(key);
    for (const [key, work] of this.#assigned.work) if (before?.get(key) !== work) this.#run(key, work);
    this.#heartbeats.beat();
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
}
