import { fileURLToPath } from "node:url";
import { MemoryHub } from "@millrace/bus";
import { createConfig, openMemoryStore } from "@millrace/config";
import { FakeCluster } from "@millrace/kafka/fake";
import {
  type ConnectorStatus,
  connectorDelete,
  connectorPut,
  connectorRestart,
  connectorTargetState,
  statusList,
  type TargetState,
} from "@millrace/protocol";
import { createRunner, type Runner } from "@millrace/runner";
import { createScheduler, MemoryStore, schedulerOptions } from "@millrace/scheduler";
import { LogLevels, loadWorkerConfig, silentLogger } from "@millrace/service";
import { VirtualClock } from "@millrace/time";
import { SimulatedHost } from "../../services/runner/testing/runner-fixture.ts";
import { polls } from "./ticking-plugin.ts";

const PLUGINS = fileURLToPath(new URL("./plugins.json", import.meta.url));
const STRINGS = "org.apache.kafka.connect.storage.StringConverter";
const WORKER = `bootstrap.servers=fake:9092\ngroup.id=g\nkey.converter=${STRINGS}\nvalue.converter=${STRINGS}\n`;
const STEP_MS = 10;

/** Config service, scheduler and runners with simulated hosts on a fake Kafka cluster: all real but the outside and time. */
export class SimulatedCluster {
  readonly clock = new VirtualClock();
  readonly #hub = new MemoryHub({ clock: this.clock });
  readonly #bus = this.#hub.connect("test");
  readonly #kafka: FakeCluster;
  readonly #hosts: SimulatedHost[] = [];
  readonly #settings: Readonly<Record<string, string>>;
  #seed = 1;

  private constructor(settings: Readonly<Record<string, string>>) {
    this.#settings = { "offset.storage.partitions": "2", "millrace.task.hosts": "2", ...settings };
    this.#kafka = new FakeCluster({ clock: this.clock, random: this.#random });
    this.#kafka.createTopic({ topic: "out", partitions: 1, replicationFactor: 1, configs: {} });
    polls.clear();
  }

  static async open(settings: Readonly<Record<string, string>> = {}): Promise<SimulatedCluster> {
    const cluster = new SimulatedCluster(settings);
    const { clock } = cluster;
    const hub = cluster.#hub;
    await createConfig({ bus: hub.connect("config"), store: openMemoryStore(), clock, logger: silentLogger }).start();
    const options = schedulerOptions(cluster.#worker("scheduler"));
    const deps = { bus: hub.connect("scheduler"), store: new MemoryStore(clock), clock, random: cluster.#random };
    await createScheduler({ ...deps, logger: silentLogger, options }).start();
    return cluster;
  }

  async runner(id: string): Promise<Runner> {
    const { clock } = this;
    const runner = createRunner({
      bus: this.#hub.connect(id),
      worker: this.#worker(id),
      plugins: { manifest: PLUGINS, folders: [] },
      spawnHost: () => {
        const host = new SimulatedHost({ cluster: this.#kafka, clock, random: this.#random });
        this.#hosts.push(host);
        return host;
      },
      clock,
      random: this.#random,
      levels: new LogLevels("info"),
      logger: silentLogger,
      version: "1",
    });
    await runner.start();
    await this.pass(100);
    return runner;
  }

  put(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const whole = { "connector.class": "test.Ticking", name, "tasks.max": "9", ...config };
    return this.during(this.#bus.request(connectorPut, { name, config: whole, createOnly: false }));
  }

  delete(name: string): Promise<void> {
    return this.during(this.#bus.request(connectorDelete, { name }));
  }

  target(name: string, targetState: TargetState): Promise<void> {
    return this.during(this.#bus.request(connectorTargetState, { name, targetState }));
  }

  restart(name: string): Promise<void> {
    return this.during(this.#bus.request(connectorRestart, { name, includeTasks: true, onlyFailed: false }));
  }

  async statuses(): Promise<readonly ConnectorStatus[]> {
    return (await this.#bus.request(statusList, { after: null })).statuses;
  }

  /** Lets time pass until `running` has ended. */
  async during(running: Promise<unknown>): Promise<void> {
    let over = false;
    const ended = running.finally(() => {
      over = true;
    });
    ended.catch(() => {});
    await this.until("it has ended", () => over);
    await ended;
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, maxMs = 60_000): Promise<void> {
    for (let passedMs = 0; !(await holds()); passedMs += STEP_MS) {
      if (passedMs > maxMs) throw new Error(`${what}: not within ${maxMs} ms of virtual time`);
      await this.pass(STEP_MS);
    }
  }

  /** Until every connector and task runs, this many tasks. */
  runs(tasks: number): Promise<void> {
    return this.until(`${tasks} tasks run`, async () => {
      const states = (await this.statuses()).flatMap((status) => status.tasks.map(({ state }) => state));
      return states.length === tasks && states.every((state) => state === "RUNNING");
    });
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      // Plugins are loaded from real files: time stands still meanwhile.
      while (this.#hosts.some(({ loading }) => loading)) await new Promise((resolve) => setImmediate(resolve));
      await this.clock.advance(STEP_MS);
    }
  }

  /** The longest time without a poll since `sinceMs`, by task; those that were not polled at all left out. */
  gaps(sinceMs: number): Map<string, number> {
    const nowMs = this.clock.nowMs();
    const found = new Map<string, number>();
    for (const [task, times] of polls) {
      const before = times.findLast((atMs) => atMs <= sinceMs);
      const since = times.filter((atMs) => atMs > sinceMs);
      if (before === undefined || since.length === 0) continue;
      const points = [before, ...since, nowMs];
      found.set(task, Math.max(...points.slice(1).map((atMs, i) => atMs - points[i]!)));
    }
    return found;
  }

  /** Values in topic `out` by task, in order. */
  values(): Map<string, number[]> {
    const values = new Map<string, number[]>();
    for (const { value } of this.#kafka.log("out")) {
      const [task = "", n] = new TextDecoder().decode(value!).split(":");
      values.set(task, [...(values.get(task) ?? []), Number(n)]);
    }
    return values;
  }

  #random = (): number => {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  };

  #worker(id: string) {
    return loadWorkerConfig({
      text: WORKER,
      mode: "standalone",
      overrides: { ...this.#settings, "millrace.worker.id": `${id}:8083` },
    });
  }
}
