import { LogLevels } from "@millrace/service";
import type { HostProcess } from "../../services/runner/host.ts";
import type { IpcMessage } from "../../services/runner/ipc.ts";
import { PluginCatalogue } from "../../services/runner/task-host/plugin-catalogue.ts";
import { createTaskHost, type TaskHost } from "../../services/runner/task-host/task-host.ts";
import { SECRET_ENV } from "./checkers/secrets.ts";
import { INSTANCE_BEGINS, type Instance } from "./instances.ts";
import { simulatedPlugins } from "./plugins.ts";
import { ServerLink } from "./server-link.ts";
import { SimulatedKafka } from "./simulated-kafka.ts";
import { simulatedLogger } from "./simulated-logger.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { World } from "./world.ts";

const IPC_LATENCY_MAX_MS = 1;
const EXIT_NOTICE_MS = 2;
const KAFKA_LATENCY_MAX_MS = 4;

export interface SimulatedHostDeps {
  readonly world: World;
  readonly runner: SimulatedProcess;
  readonly process: SimulatedProcess;
  readonly pid: number;
}

/**
 * A task host: real code, in a process of its own, with a Kafka client of its own. Between it and its runner, messages
 * stay in order, as in a pipe, and wait for whoever is paused.
 */
export class SimulatedHost implements HostProcess {
  readonly pid: number;
  readonly process: SimulatedProcess;
  readonly runner: SimulatedProcess;
  readonly kafka: SimulatedKafka;
  readonly link: ServerLink;
  readonly #world: World;
  readonly #host: TaskHost;
  /** When the latest message in each direction arrives: none overtakes it. */
  readonly #arrivalMs = { in: 0, out: 0 };
  #message: (message: IpcMessage) => void = () => {};
  #exit: (reason: string, signal: string | null) => void = () => {};
  #end = { reason: "killed by SIGKILL", signal: "SIGKILL" as string | null };

  constructor({ world, runner, process, pid }: SimulatedHostDeps) {
    const { timeline, cluster, checkers } = world;
    this.pid = pid;
    this.process = process;
    this.runner = runner;
    this.#world = world;
    const random = world.stream(`kafka of ${process.id}`);
    this.link = new ServerLink({ timeline, process, random, latencyMaxMs: KAFKA_LATENCY_MAX_MS });
    this.kafka = new SimulatedKafka({
      cluster,
      process,
      link: this.link,
      timeline,
      random,
      sessionTimeoutMs: world.settings.kafkaSessionMs,
      fenced: (transactionalId) => {
        world.fencing.initialised(transactionalId);
        world.verifiedStart.fenced(process.id, transactionalId);
      },
      committing: (groupId, offsets) => {
        const text = offsets.map(({ topic, partition, offset }) => `${topic}-${partition}=${offset}`).join(" ");
        world.say(process.id, `commits ${groupId}: ${text}`);
        checkers.sink.committing(offsets);
      },
    });
    this.#host = this.#open();
    runner.onDeath(() => process.enter(() => void this.#host.close().finally(() => this.#exitByItself())));
    process.onDeath(() => {
      const { reason, signal } = this.#end;
      timeline.after(EXIT_NOTICE_MS, () => runner.enter(() => this.#exit(reason, signal)));
    });
  }

  #open(): TaskHost {
    const { process } = this;
    const { timeline, checkers, verifiedStart, runnerIds } = this.#world;
    const verified = (source: Instance) =>
      verifiedStart.began(source, process.id, runnerIds.get(this.runner.id) ?? "unknown");
    const plugins = new PluginCatalogue(simulatedPlugins({ checkers, process, verified }));
    const logger = simulatedLogger((level, message, fields) => {
      if (message === INSTANCE_BEGINS) checkers.instances.identified(process, fields);
      this.#world.log(process.id, level, message, fields);
    });
    return createTaskHost({
      send: (message) => this.#pass("out", message),
      kafka: this.kafka,
      clock: process.clock,
      random: process.random,
      yieldToLoop: () => process.hear(timeline.sleep(0)),
      logger,
      levels: new LogLevels("info"),
      env: SECRET_ENV,
      loadPlugins: async () => plugins,
    });
  }

  send(message: IpcMessage): void {
    this.#pass("in", message);
  }

  onMessage(fn: (message: IpcMessage) => void): void {
    this.#message = fn;
  }

  onExit(fn: (reason: string, signal: string | null) => void): void {
    this.#exit = fn;
  }

  kill(): void {
    if (this.process.isDead) return;
    this.#world.say(this.process.id, this.#end.reason);
    this.process.kill();
  }

  #exitByItself(): void {
    this.#end = { reason: "exit code 0", signal: null };
    this.kill();
  }

  #pass(direction: "in" | "out", message: IpcMessage): void {
    if (this.process.isDead || this.runner.isDead) return;
    const { timeline, checkers } = this.#world;
    const text = JSON.stringify(message);
    if (direction === "out") checkers.secrets.shown(text, `a message of ${this.process.id} to its runner`);
    const latencyMs = this.process.random() * IPC_LATENCY_MAX_MS;
    this.#arrivalMs[direction] = Math.max(this.#arrivalMs[direction], timeline.nowMs + latencyMs);
    timeline.after(this.#arrivalMs[direction] - timeline.nowMs, () => {
      const to = direction === "in" ? this.process : this.runner;
      to.enter(() => this.#arrive(direction, JSON.parse(text) as IpcMessage));
    });
  }

  /** Of a host that has died, nothing more is heard than what was on its way. */
  #arrive(direction: "in" | "out", message: IpcMessage): void {
    const what = message.type === "call" ? `call ${message.method}` : "answer";
    this.#world.say(this.process.id, `${direction === "in" ? "gets" : "sent"} ${what} ${message.id}`);
    if (direction === "in") this.#host.deliver(message);
    else this.#message(message);
  }
}
