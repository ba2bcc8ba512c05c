import { MemoryHub } from "@millrace/bus";
import { FakeCluster } from "@millrace/kafka/fake";
import { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import type { ConfigStore } from "../../services/config/store.ts";
import { openMemoryStore } from "../../services/config/store-memory.ts";
import { MemoryStore } from "../../services/scheduler/store-memory.ts";
import { ConfigWrites } from "./checkers/config-writes.ts";
import { Fencing } from "./checkers/fencing.ts";
import { Handover } from "./checkers/handover.ts";
import { LeaseHolder } from "./checkers/lease-holder.ts";
import { RestAnswers } from "./checkers/rest-answers.ts";
import { Silence } from "./checkers/silence.ts";
import { OFFSETS_TOPIC, topicOf } from "./checkers/source-log.ts";
import { VerifiedStart } from "./checkers/verified-start.ts";
import { Checkers } from "./checkers.ts";
import type { Journal } from "./journal.ts";
import type { Machine } from "./machine.ts";
import { openMachines } from "./machines.ts";
import { Network } from "./network.ts";
import type { Profile } from "./profile.ts";
import { SimulatedClock } from "./simulated-clock.ts";
import { SimulatedHost } from "./simulated-host.ts";
import { logText } from "./simulated-logger.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { Timeline } from "./timeline.ts";
import type { Verdict } from "./verdict.ts";

/** Shorter than anybody would have them, so that a run of some seconds sees each of them pass. */
export const SETTINGS = {
  heartbeatMs: 500,
  sessionTimeoutMs: 2_500,
  gracefulMs: 1_000,
  releaseTimeoutMs: 3_000,
  leaseMs: 2_500,
  leaseRetryMs: 500,
  fenceTimeoutMs: 8_000,
  transactionTimeoutMs: 15_000,
  restTimeoutMs: 5_000,
  flushIntervalMs: 800,
  kafkaSessionMs: 3_000,
  blockedMs: 9_000,
  restartInitialMs: 100,
  restartMaxMs: 2_000,
} as const;

export interface WorldOptions {
  readonly seed: number;
  readonly profile: Profile;
  readonly journal: Journal;
  readonly verdict: Verdict;
}

/** A whole cluster in one thread: the services' own code, with everything around it simulated and drawn from one seed. */
export class World {
  readonly settings = SETTINGS;
  readonly timeline = new Timeline();
  /** Of the servers: message server, Postgres, Kafka. */
  readonly clock = new SimulatedClock({ timeline: this.timeline });
  readonly profile: Profile;
  readonly checkers: Checkers;
  readonly network: Network;
  readonly hub: MemoryHub;
  readonly cluster: FakeCluster;
  /** Watched. */
  readonly configStore: ConfigStore;
  readonly configWrites: ConfigWrites;
  readonly restAnswers: RestAnswers;
  readonly leaseHolder: LeaseHolder;
  readonly fencing: Fencing;
  readonly handover: Handover;
  readonly verifiedStart: VerifiedStart;
  readonly silence: Silence;
  /** Process of a runner → what the scheduler calls it. */
  readonly runnerIds = new Map<string, string>();
  readonly machines: readonly Machine[];
  /** Told, once, of the next runner whose task asks whether it is wanted. */
  whenVerifying: ((runner: string) => void) | null = null;
  /** In which a host lives. */
  readonly hosts = new Set<SimulatedHost>();
  readonly #seed: number;
  readonly #journal: Journal;
  readonly #dead = new Set<string>();
  readonly #processes = new Set<SimulatedProcess>();
  #hostCount = 0;

  constructor({ seed, profile, journal, verdict }: WorldOptions) {
    const { timeline, clock, settings } = this;
    const nowMs = () => timeline.nowMs;
    this.#seed = seed;
    this.#journal = journal;
    this.profile = profile;
    this.checkers = new Checkers(verdict);
    const isDead = (connection: string) => this.#dead.has(connection);
    this.network = new Network({ timeline, journal, random: this.stream("network"), isDead });
    const logger = {
      debug: () => {},
      info: () => {},
      warn: (message: string, fields?: Record<string, unknown>) => this.log("hub", "warn", message, fields ?? {}),
      error: (message: string, fields?: Record<string, unknown>) => this.log("hub", "error", message, fields ?? {}),
    };
    this.hub = new MemoryHub({ clock, filter: this.network.filter, logger });
    const draws = this.stream("kafka");
    this.cluster = new FakeCluster({
      clock,
      random: () => draws.next(),
      transactionEnded: (transaction) => {
        const { transactionalId, outcome, records } = transaction;
        this.say("kafka", `${transactionalId} ${outcome} ${records.length} records`);
        this.checkers.transactionEnded(transaction);
      },
    });
    this.checkers.watch(this.cluster);
    this.#createTopics();
    this.configWrites = new ConfigWrites(verdict, openMemoryStore());
    this.configStore = this.configWrites.watched();
    const { secrets, sourceLog } = this.checkers;
    this.restAnswers = new RestAnswers({ verdict, writes: this.configWrites, secrets, sourceLog });
    const isSource = (connector: string) => profile.sources.some(({ name }) => name === connector);
    this.fencing = new Fencing({ verdict, nowMs, isSource });
    this.leaseHolder = new LeaseHolder({
      verdict,
      // The store's own: its leases end between two of its milliseconds.
      nowMs: () => clock.nowMs(),
      store: new MemoryStore(clock),
      changed: (before, state) => this.fencing.written(before, state),
    });
    const { sessionTimeoutMs, releaseTimeoutMs } = settings;
    this.handover = new Handover({ verdict, nowMs, sessionTimeoutMs, releaseTimeoutMs });
    this.verifiedStart = new VerifiedStart({ verdict, nowMs });
    const isAlive = (runner: string) => [...this.#processes].some(({ id }) => this.runnerIds.get(id) === runner);
    this.silence = new Silence({ verdict, nowMs, sessionTimeoutMs, isAlive });
    this.machines = openMachines(this);
  }

  /** Random numbers for one purpose: what one part draws does not move what another gets. */
  stream(purpose: string): SeededRandom {
    let mixed = this.#seed;
    for (let i = 0; i < purpose.length; i++)
      mixed = Math.imul(mixed ^ purpose.charCodeAt(i), 0x9e3779b1) ^ (mixed >>> 15);
    return new SeededRandom(mixed);
  }

  process(id: string): SimulatedProcess {
    const random = this.stream(`process ${id}`);
    const { clockDrift } = this.profile;
    const process = new SimulatedProcess({
      timeline: this.timeline,
      id,
      seed: Math.floor(random.next() * 2 ** 32),
      clockRate: 1 + clockDrift * (2 * random.next() - 1),
    });
    this.#processes.add(process);
    process.onDeath(() => {
      this.#dead.add(id);
      this.#processes.delete(process);
    });
    return process;
  }

  get gateways(): readonly Machine[] {
    return this.machines.filter(({ name }) => name.startsWith("gateway"));
  }

  /** Those that live. */
  get processes(): ReadonlySet<SimulatedProcess> {
    return this.#processes;
  }

  host(runner: SimulatedProcess): SimulatedHost {
    this.#hostCount++;
    const process = this.process(`host-${this.#hostCount}@${runner.id.replace("#", "/")}#1`);
    const host = new SimulatedHost({ world: this, runner, process, pid: this.#hostCount });
    this.say(process.id, "starts");
    this.hosts.add(host);
    process.onDeath(() => this.hosts.delete(host));
    return host;
  }

  /** Looked at now and then. */
  checkBounds(): void {
    for (const { process, booted } of this.machines) {
      if (process === null || booted === null) continue;
      const calls = booted.bus.underWay + (booted.store?.underWay ?? 0);
      const abandoned = booted.rest?.abandoned ?? 0;
      this.checkers.bounds.check({ process: process.id, calls, timers: process.clock.pending, abandoned });
    }
    for (const { process, link } of this.hosts) {
      this.checkers.bounds.check({
        process: process.id,
        calls: link.underWay,
        timers: process.clock.pending,
        abandoned: 0,
      });
    }
  }

  say(who: string, what: string): void {
    this.#journal.say(this.timeline.nowMs, who, what);
  }

  log(who: string, level: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const text = logText(message, fields);
    this.checkers.secrets.shown(text, `a log line of ${who}`);
    this.say(who, `${level} ${text}`);
  }

  #createTopics(): void {
    const { sources, topicPartitions } = this.profile;
    const topic = (name: string, partitions: number) =>
      void this.cluster.createTopic({ topic: name, partitions, replicationFactor: 1, configs: {} });
    topic(OFFSETS_TOPIC, 2);
    for (const { name } of sources) topic(topicOf(name), topicPartitions);
  }
}
