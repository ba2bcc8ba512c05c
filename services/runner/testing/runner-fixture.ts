import { fileURLToPath } from "node:url";
import { type Bus, MemoryHub, type Subscription } from "@millrace/bus";
import type { KafkaClient } from "@millrace/kafka";
import { FakeCluster } from "@millrace/kafka/fake";
import {
  type Assignment,
  assignmentEvent,
  assignmentVerify,
  heartbeat,
  type TaskWork,
  tasksPut,
  type Work,
  type WorkReport,
} from "@millrace/protocol";
import { LogLevels, loadWorkerConfig, silentLogger } from "@millrace/service";
import { type Clock, VirtualClock } from "@millrace/time";
import type { HostProcess } from "../host.ts";
import type { Doing } from "../host-end.ts";
import type { IpcMessage } from "../ipc.ts";
import { createRunner, type Runner } from "../runner.ts";
import type { loadPlugins } from "../task-host/plugins.ts";
import { createTaskHost, type TaskHost } from "../task-host/task-host.ts";
import { workKey } from "../work-key.ts";
import { taskWork, until } from "./host-fixture.ts";

const PLUGINS = fileURLToPath(new URL("./plugins.json", import.meta.url));
const STRING_CONVERTER = "org.apache.kafka.connect.storage.StringConverter";

/** A heartbeat; `work` is all of it, whatever was sent. */
export interface Beat {
  readonly runner: string;
  readonly draining: boolean;
  readonly leaving: boolean;
  readonly applied: { readonly epoch: number; readonly sequence: number } | null;
  readonly work: readonly WorkReport[];
}

/** As it was sent. */
interface BeatChanges extends Pick<Beat, "work"> {
  readonly number?: number | undefined;
  readonly since: { readonly epoch: number; readonly number: number } | null;
  readonly gone: readonly { readonly connector: string; readonly task: number | null }[];
}

/** A runner with simulated hosts on a fake Kafka cluster, and a scheduler that says what the test says. */
export interface RunnerFixture {
  readonly runner: Runner;
  readonly bus: Bus;
  readonly cluster: FakeCluster;
  readonly clock: VirtualClock;
  readonly hosts: SimulatedHost[];
  readonly scheduler: ScriptedScheduler;
  /** Lines that the control process logged as errors. */
  readonly errors: readonly string[];
  until(what: string, done: () => boolean, maxMs?: number): Promise<void>;
  /** Runs the clock until `running` has settled. */
  ended<T>(running: Promise<T>): Promise<T>;
}

/** @param load replaces how a host loads its plugins, given the host. */
export async function openRunnerFixture(
  properties: Readonly<Record<string, string>> = {},
  load?: (host: SimulatedHost) => typeof loadPlugins,
): Promise<RunnerFixture> {
  const clock = new VirtualClock();
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const cluster = new FakeCluster({ clock, random });
  cluster.createTopic({ topic: "out", partitions: 1, replicationFactor: 1, configs: {} });
  const hub = new MemoryHub({ clock });
  const scheduler = new ScriptedScheduler(hub.connect("scheduler"), clock);
  await scheduler.lead();
  const hosts: SimulatedHost[] = [];
  const errors: string[] = [];
  const runner = createRunner({
    bus: hub.connect("runner"),
    worker: loadWorkerConfig({
      text: `bootstrap.servers=fake:9092\ngroup.id=g\nkey.converter=${STRING_CONVERTER}\nvalue.converter=${STRING_CONVERTER}\n`,
      mode: "standalone",
      overrides: { "offset.storage.partitions": "2", "millrace.task.hosts": "2", ...properties },
    }),
    plugins: { manifest: PLUGINS, folders: [] },
    spawnHost: () => {
      const loading: typeof loadPlugins = (...loaded) => load!(host)(...loaded);
      const host: SimulatedHost = new SimulatedHost({
        ...{ cluster, clock, random },
        loadPlugins: load === undefined ? undefined : loading,
      });
      hosts.push(host);
      return host;
    },
    clock,
    random,
    levels: new LogLevels("info"),
    logger: { ...silentLogger, error: (message, fields) => void errors.push(`${message} ${JSON.stringify(fields)}`) },
    version: "1",
  });
  await runner.start();
  // Plugins are loaded from real files: time stands still meanwhile, however long that takes.
  const loaded = async () => {
    while (hosts.some(({ loading }) => loading)) await new Promise((resolve) => setImmediate(resolve));
  };
  const wait: RunnerFixture["until"] = (what, done, maxMs) => until(clock, what, done, maxMs, loaded);
  const ended = async <T>(running: Promise<T>): Promise<T> => {
    let over = false;
    running.then(
      () => (over = true),
      () => (over = true),
    );
    await wait("it has ended", () => over);
    return running;
  };
  return { runner, bus: hub.connect("client"), cluster, clock, hosts, errors, scheduler, until: wait, ended };
}

/** Task 0 of connector `c`, the numbers 1 to `total`. */
export function numberedWork(overrides: Partial<TaskWork> & { taskConfig?: Record<string, string> } = {}): TaskWork {
  return taskWork({ ...overrides, config: { "connector.class": "test.NumberedSource" } });
}

/** A task host in this process. Killed, it neither hears, says nor writes anything more. */
export class SimulatedHost implements HostProcess {
  static #nextPid = 1000;
  readonly pid = SimulatedHost.#nextPid++;
  /** Deaf: alive, but takes no messages. */
  deaf = false;
  alive = true;
  /** What somebody sees it doing. */
  seen: Doing | null = null;
  /** Keys of the work it was given and not yet told to stop. */
  readonly work = new Set<string>();
  #configure: number | null = null;
  #cluster: FakeCluster;
  #host: TaskHost;
  #transactionalIds = new Set<string>();
  #message: (message: IpcMessage) => void = () => {};
  #exit: (reason: string, signal: string | null) => void = () => {};

  constructor(deps: {
    cluster: FakeCluster;
    clock: VirtualClock;
    random: () => number;
    loadPlugins?: typeof loadPlugins | undefined;
  }) {
    this.#cluster = deps.cluster;
    this.#host = createTaskHost({
      send: (message) => {
        if (message.type === "answer" && message.id === this.#configure) this.#configure = null;
        this.#pass(message, (copy) => this.#message(copy));
      },
      kafka: this.#client(),
      clock: deps.clock,
      random: deps.random,
      yieldToLoop: () => new Promise((resolve) => setImmediate(resolve)),
      levels: new LogLevels("info"),
      logger: silentLogger,
      env: {},
      ...(deps.loadPlugins === undefined ? {} : { loadPlugins: deps.loadPlugins }),
    });
  }

  get loading(): boolean {
    return this.alive && this.#configure !== null;
  }

  send(message: IpcMessage): void {
    if (message.type === "call") this.#note(message.id, message.method, message.params as never);
    if (!this.deaf) this.#pass(message, (copy) => this.#host.deliver(copy));
  }

  onMessage(fn: (message: IpcMessage) => void): void {
    this.#message = fn;
  }

  onExit(fn: (reason: string, signal: string | null) => void): void {
    this.#exit = fn;
  }

  doing(): Doing | null {
    return this.seen;
  }

  kill(): void {
    this.#end("killed by SIGKILL", "SIGKILL");
  }

  /** Ends by its own doing. */
  crash(reason: string): void {
    this.#end(reason, null);
  }

  #end(reason: string, signal: string | null): void {
    if (!this.alive) return;
    this.alive = false;
    for (const id of this.#transactionalIds) this.#cluster.killProducers(id);
    queueMicrotask(() => this.#exit(reason, signal));
  }

  #note(id: number, method: string, params: { readonly work: Work; readonly key: string }): void {
    if (method === "configure") this.#configure = id;
    if (method === "start") this.work.add(workKey(params.work));
    if (method === "stop") this.work.delete(params.key);
  }

  /** As text, like the real channel, and in a later turn. */
  #pass(message: IpcMessage, arrive: (message: IpcMessage) => void): void {
    if (!this.alive) return;
    const text = JSON.stringify(message);
    setImmediate(() => {
      if (this.alive) arrive(JSON.parse(text));
    });
  }

  #client(): KafkaClient {
    const client = this.#cluster.client();
    const whileAlive = <T>(connect: () => Promise<T>): Promise<T> => (this.alive ? connect() : new Promise(() => {}));
    return {
      producer: (config) => whileAlive(() => client.producer(config)),
      consumer: (config) => whileAlive(() => client.consumer(config)),
      admin: (config) => whileAlive(() => client.admin(config)),
      transactionalProducer: (config) => {
        this.#transactionalIds.add(config["transactional.id"] ?? "");
        return whileAlive(() => client.transactionalProducer(config));
      },
    };
  }
}

export class ScriptedScheduler {
  readonly beats: Beat[] = [];
  readonly tasksPuts: { readonly name: string; readonly configs: readonly Record<string, string>[] }[] = [];
  verdict: "valid" | "new-generation" | "revoked" = "valid";
  epoch = 1;
  /** How long the answer to a task takes that asks whether it is wanted, and how many wait for theirs. */
  verifyMs = 0;
  verifying = 0;
  /** How long the answer to a heartbeat takes. */
  answerMs = 0;
  #bus: Bus;
  #clock: Clock;
  #sequence = 0;
  #assignment: Assignment | null = null;
  #answering: Subscription[] = [];
  #heard = { epoch: 0, number: 0, reports: new Map<string, WorkReport>() };

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /** Starts to answer; until `resign`. */
  async lead(): Promise<void> {
    this.#answering = [
      await this.#bus.respond(heartbeat, async (beat) => {
        const heard = this.#hear(beat);
        if (heard) this.beats.push({ ...beat, work: [...this.#heard.reports.values()] });
        if (this.answerMs > 0) await this.#clock.sleep(this.answerMs);
        const { applied } = beat;
        const current = applied?.epoch === this.epoch && applied.sequence === this.#sequence;
        const { number = null } = beat;
        return { epoch: this.epoch, heard: heard ? number : null, assignment: current ? null : this.#assignment };
      }),
      await this.#bus.respond(assignmentVerify, async () => {
        const { verdict } = this;
        this.verifying++;
        if (this.verifyMs > 0) await this.#clock.sleep(this.verifyMs);
        this.verifying--;
        return { verdict };
      }),
      await this.#bus.respond(tasksPut, ({ name, configs }) => {
        this.tasksPuts.push({ name, configs });
        return { changed: true, tasksVersion: 1 };
      }),
    ];
  }

  /** false: it tells changes to something that was not heard. */
  #hear({ number = 0, since, work, gone }: BeatChanges): boolean {
    const { epoch } = this;
    if (since !== null && (since.epoch !== this.#heard.epoch || since.number !== this.#heard.number)) return false;
    if (since !== null && since.epoch !== epoch) return false;
    const reports = new Map(since === null ? [] : this.#heard.reports);
    for (const item of gone) reports.delete(workKey(item));
    for (const report of work) reports.set(workKey(report), report);
    this.#heard = { epoch, number, reports };
    return true;
  }

  async resign(): Promise<void> {
    await Promise.all(this.#answering.map((each) => each.close()));
  }

  /** Known once the runner has sent a heartbeat. */
  get runner(): string {
    return this.beats[0]?.runner ?? "";
  }

  assign(...work: Work[]): Assignment {
    this.#sequence++;
    const { runner, epoch } = this;
    this.#assignment = { runner, epoch, sequence: this.#sequence, since: null, work, gone: [] };
    this.push(this.#assignment);
    return this.#assignment;
  }

  /** Changes to what was assigned last, or to `since`; only pushed. */
  change({ since = this.#sequence, ...change }: Partial<Pick<Assignment, "since" | "work" | "gone">>): void {
    const { runner, epoch } = this;
    this.push({ runner, epoch, sequence: ++this.#sequence, work: [], gone: [], ...change, since });
  }

  push(assignment: Assignment): void {
    this.#bus.publish(assignmentEvent(this.runner), assignment);
  }

  get work(): readonly WorkReport[] {
    return this.beats.at(-1)?.work ?? [];
  }

  states(): string[] {
    return this.work.map(({ task, generation, state }) => `${task ?? "connector"}/${generation} ${state}`).sort();
  }
}
