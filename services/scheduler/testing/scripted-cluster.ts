import { type Bus, MemoryHub, type Subscription } from "@millrace/bus";
import {
  type Assignment,
  assignmentEvent,
  type ConnectorRecord,
  type ConnectorStatus,
  configChanged,
  configChanges,
  fence,
  heartbeat,
  ProtocolError,
  runnerAlive,
  statusGet,
  type TargetState,
  type Work,
  type WorkReport,
} from "@millrace/protocol";
import { type Clock, VirtualClock } from "@millrace/time";
import type { SchedulerOptions } from "../model.ts";
import { createScheduler, type Scheduler } from "../scheduler.ts";
import { MemoryStore } from "../store-memory.ts";

export const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A config service that keeps only the newest of each connector. */
export class ScriptedConfig {
  readonly #bus: Bus;
  readonly #records = new Map<string, ConnectorRecord & { deleted: boolean }>();
  #revision = 0;
  isReachable = true;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async start(): Promise<void> {
    await this.#bus.respond(configChanges, ({ sinceRevision }) => {
      if (!this.isReachable) throw new ProtocolError("UNAVAILABLE", "down");
      const changed = [...this.#records.values()].filter(({ revision }) => revision > sinceRevision);
      return {
        connectors: changed.filter(({ deleted }) => !deleted).map(({ deleted: _, ...record }) => record),
        deleted: changed.filter(({ deleted }) => deleted).map(({ name }) => name),
        revision: this.#revision,
        more: false,
      };
    });
  }

  put(name: string, config: Record<string, string> = {}): void {
    this.#write(name, { config, version: (this.#records.get(name)?.version ?? 0) + 1 });
  }

  tasks(name: string, count: number): void {
    const { version, tasks } = this.#records.get(name)!;
    const configs = Array.from({ length: count }, (_, index) => ({ part: String(index) }));
    this.#write(name, { tasks: { version: tasks.version + 1, configVersion: version, configs } });
  }

  target(name: string, targetState: TargetState): void {
    if (targetState === "STOPPED") this.tasks(name, 0);
    this.#write(name, { targetState });
  }

  delete(name: string): void {
    const { tasks } = this.#records.get(name)!;
    this.#write(name, { deleted: true, targetState: "STARTED", tasks: { ...tasks, configs: [] } });
  }

  #write(name: string, change: Partial<ConnectorRecord & { deleted: boolean }>): void {
    this.#revision += 1;
    const before = this.#records.get(name) ?? {
      name,
      config: {},
      passwords: [],
      version: 0,
      targetState: "STARTED" as const,
      tasks: { version: 0, configVersion: 0, configs: [] },
    };
    this.#records.set(name, { ...before, deleted: false, ...change, revision: this.#revision });
    this.#bus.publish(configChanged, { revision: this.#revision });
  }
}

/** Does at once what its assignment says, and writes it down. */
export class ScriptedRunner {
  readonly id: string;
  readonly workerId: string;
  readonly #bus: Bus;
  readonly #log: string[];
  readonly #subscriptions: Subscription[] = [];
  readonly running = new Map<string, WorkReport>();
  readonly wanted = new Map<string, Work>();
  /** The latest message that was applied. */
  assignment: Assignment | null = null;
  /** Messages as they came, pushed or as answers. */
  readonly received: Assignment[] = [];
  /** As one from before there were changes to tell. */
  tellsAll = false;
  #number = 0;
  #heard: {
    readonly epoch: number;
    readonly number: number;
    readonly reports: ReadonlyMap<string, WorkReport>;
  } | null = null;
  /** Goes on running what was taken away. */
  isStuck = false;
  isDraining = false;
  isSilent = false;

  constructor(bus: Bus, id: string, log: string[], workerId = `${id}:8083`) {
    this.#bus = bus;
    this.id = id;
    this.workerId = workerId;
    this.#log = log;
  }

  start(): Promise<void> {
    return this.reconnect();
  }

  async reconnect(): Promise<void> {
    this.isSilent = false;
    this.#subscriptions.push(
      await this.#bus.subscribe(assignmentEvent(this.id), (assignment) => this.apply(assignment)),
      await this.#bus.respond(runnerAlive(this.id), () => ({})),
      await this.#bus.respond(fence(this.id), ({ connector, tasks }) => {
        this.#log.push(`fence ${connector} 0..${tasks - 1}`);
        return {};
      }),
    );
    await this.beat();
  }

  /** As a killed process: no goodbye. */
  kill(): Promise<void> {
    return this.disconnect();
  }

  /** Goes on with what it does, and is not on the bus. */
  async disconnect(): Promise<void> {
    this.isSilent = true;
    await Promise.all(this.#subscriptions.splice(0).map((subscription) => subscription.close()));
  }

  async beat(leaving = false): Promise<void> {
    if (this.isSilent) return;
    const applied = this.assignment && { epoch: this.assignment.epoch, sequence: this.assignment.sequence };
    const { id: runner, workerId } = this;
    const base = { runner, workerId, version: "1", hosts: 1, draining: this.isDraining, leaving, applied };
    const number = ++this.#number;
    const reports = new Map(this.running);
    const since = this.#heard && { epoch: this.#heard.epoch, number: this.#heard.number };
    const message = { ...base, ...(this.tellsAll ? {} : { number }), since, ...this.#changes(reports) };
    const answer = await this.#bus.request(heartbeat, message).catch(() => null);
    if (answer === null) return;
    this.#heard = answer.heard === number ? { epoch: answer.epoch, number, reports } : null;
    if (answer.assignment) this.apply(answer.assignment);
    if (since !== null && this.#heard === null) await this.beat(leaving);
  }

  #changes(reports: ReadonlyMap<string, WorkReport>) {
    const before = this.#heard?.reports ?? new Map<string, WorkReport>();
    return {
      work: [...reports].filter(([name, report]) => before.get(name) !== report).map(([, report]) => report),
      gone: [...before].filter(([name]) => !reports.has(name)).map(([, { connector, task }]) => ({ connector, task })),
    };
  }

  apply(assignment: Assignment): void {
    const known = this.assignment;
    if (this.isSilent || this.isDraining) return;
    this.received.push(assignment);
    const { epoch, sequence, since } = assignment;
    if (known && (known.epoch - epoch || known.sequence - sequence) >= 0) return;
    if (since !== null && (known?.epoch !== epoch || known.sequence < since)) return;
    this.assignment = assignment;
    if (since === null) this.wanted.clear();
    for (const item of assignment.gone) this.wanted.delete(nameOf(item));
    for (const work of assignment.work) this.wanted.set(nameOf(work), work);
    for (const name of [...this.running.keys()]) if (!this.wanted.has(name) && !this.isStuck) this.end(name);
    for (const [name, work] of this.wanted) this.#run(name, work);
    void this.beat();
  }

  #run(name: string, work: Work): void {
    const report = reportOf(work);
    const before = this.running.get(name);
    const sameStart = before?.generation === report.generation && before.restart === report.restart;
    if (sameStart && before.state === report.state) return;
    if (!sameStart) this.#log.push(`${this.id} starts ${name}@${report.generation}`);
    this.running.set(name, report);
  }

  end(name: string): void {
    this.#log.push(`${this.id} ends ${name}`);
    this.running.delete(name);
  }

  report(name: string, change: Partial<WorkReport>): Promise<void> {
    this.running.set(name, { ...this.running.get(name)!, ...change });
    return this.beat();
  }
}

function nameOf({ connector, task }: { readonly connector: string; readonly task?: number | null }): string {
  return task === undefined || task === null ? connector : `${connector}-${task}`;
}

function reportOf(work: Work): WorkReport {
  const { connector, restart, targetState } = work;
  const state = targetState === "STARTED" ? "RUNNING" : targetState;
  const [task, generation] = work.kind === "task" ? [work.task, work.generation] : [null, work.configVersion];
  return { connector, task, generation, restart, state, active: true, trace: null, version: "1" };
}

/** A hub, a config service, a store, and as many schedulers and runners as a test asks for. */
export class ScriptedCluster {
  readonly clock = new VirtualClock();
  readonly hub = new MemoryHub({ clock: this.clock });
  readonly bus = this.hub.connect("test");
  readonly store = new MemoryStore(this.clock);
  readonly config = new ScriptedConfig(this.hub.connect("config"));
  readonly log: string[] = [];
  readonly runners: ScriptedRunner[] = [];
  #draws = 0;
  readonly #random = () => (this.#draws++ % 97) / 97;

  /** @param clock another than the store's lets a scheduler pause. */
  scheduler(options: Partial<SchedulerOptions> = {}, clock: Clock = this.clock): Scheduler {
    const bus = this.hub.connect();
    return createScheduler({ bus, store: this.store, clock, random: this.#random, logger: quiet, options });
  }

  async runner(id: string, workerId?: string): Promise<ScriptedRunner> {
    const runner = new ScriptedRunner(this.hub.connect(id), id, this.log, workerId);
    this.runners.push(runner);
    this.clock.every(1_000, () => void runner.beat());
    await runner.start();
    await this.settle();
    return runner;
  }

  /** Lets everything happen that needs no time. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }

  async status(name: string): Promise<ConnectorStatus> {
    return (await this.bus.request(statusGet, { name })).status;
  }

  /** Who runs what, such as `c@r1 c-0@r2`. */
  running(): string {
    const names = this.runners
      .filter(({ isSilent }) => !isSilent)
      .flatMap(({ id, running }) => [...running.keys()].map((name) => `${name}@${id}`));
    return names.sort().join(" ");
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }
}

/** One with a scheduler that leads. */
export async function startCluster(options: Partial<SchedulerOptions> = {}) {
  const world = new ScriptedCluster();
  await world.config.start();
  const scheduler = world.scheduler(options);
  await scheduler.start();
  await world.settle();
  return { world, scheduler };
}
