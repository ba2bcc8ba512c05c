import type { KafkaErrorKind } from "@millrace/kafka";
import type { FaultPoint } from "@millrace/kafka/fake";
import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import type { Machine } from "./machine.ts";
import { FAIR } from "./network.ts";
import type { Trouble } from "./profile.ts";
import type { ServerLink } from "./server-link.ts";
import type { SimulatedHost } from "./simulated-host.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;

/** How calls to Kafka fail: where, before or after they took effect, and what the client is told. */
const KAFKA_FAILURES: readonly (readonly [FaultPoint, "before" | "after", KafkaErrorKind])[] = [
  ["commitTransaction", "before", "abortable"],
  ["commitTransaction", "before", "indefinite"],
  ["commitTransaction", "after", "indefinite"],
  ["commitTransaction", "after", "indefinite"],
  ["commitTransaction", "before", "fatal"],
  ["abortTransaction", "before", "indefinite"],
  ["abortTransaction", "after", "indefinite"],
  ["initTransactions", "before", "retriable"],
  ["initTransactions", "after", "retriable"],
  ["initTransactions", "before", "fatal"],
  ["deliver", "before", "retriable"],
  ["deliver", "before", "retriable"],
  ["deliver", "after", "retriable"],
  ["poll", "before", "retriable"],
  ["commitOffsets", "before", "retriable"],
  ["commitOffsets", "after", "retriable"],
  ["admin", "before", "retriable"],
  ["connect", "before", "retriable"],
];

const KAFKA_DELAYS: readonly FaultPoint[] = [
  "commitTransaction",
  "initTransactions",
  "commitOffsets",
  "poll",
  "connect",
];

/** Makes trouble of the kinds a profile has, one after the other, each for a while. */
export class Nemesis {
  readonly #world: World;
  readonly #random: SeededRandom;
  /** What ends troubles that go on. */
  readonly #healers = new Set<() => void>();
  /** Gone for good. */
  readonly #departed = new Set<Machine>();
  #isOver = false;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.stream("nemesis");
  }

  begin(): void {
    const { timeline, profile } = this.#world;
    const troubles = [...profile.troubles];
    if (troubles.length === 0) return;
    const next = () => {
      timeline.after(-Math.log(1 - this.#random.next()) * profile.troubleGapMs, () => {
        if (this.#isOver) return;
        const trouble = this.#random.pick(troubles);
        this.#world.say("nemesis", trouble);
        this.#troubles[trouble]();
        next();
      });
    };
    next();
  }

  /** Ends all trouble; everything runs again. */
  calm(): void {
    this.#isOver = true;
    this.#world.say("nemesis", "lets go");
    for (const heal of [...this.#healers]) heal();
    this.#world.cluster.faults.forget();
    for (const machine of this.#world.machines) if (!this.#departed.has(machine)) machine.start();
  }

  readonly #troubles: Readonly<Record<Trouble, () => void>> = {
    loss: () => this.#storm({ lost: this.#random.next() * 0.5 }),
    duplication: () => this.#storm({ doubled: this.#random.next() * 0.6 }),
    delay: () => this.#storm({ late: this.#random.next() * 0.6, lateMaxMs: this.#between(100, 4_000) }),
    partition: () => {
      const [a, b] = this.#random.shuffled(this.#places);
      const isOneWay = this.#random.next() < 0.4;
      this.#cut(
        isOneWay
          ? [[a!, b!]]
          : [
              [a!, b!],
              [b!, a!],
            ],
      );
    },
    isolation: () => {
      const place = this.#random.pick(this.#places);
      const ways = [
        [place, "*"],
        ["*", place],
      ] as const;
      this.#cut(this.#random.next() < 0.6 ? ways : [this.#random.pick(ways)]);
    },
    blackout: () => this.#blackOut(this.#random.pick(this.#world.machines), this.#between(500, 8_000)),
    // Just when a task has been told that it is wanted: what it does next may come long after it has been given away.
    "start-blackout": () => {
      const { timeline, machines, runnerIds } = this.#world;
      this.#world.whenVerifying = (runner) => {
        const machine = machines.find(({ process }) => process !== null && runnerIds.get(process.id) === runner);
        if (machine === undefined || this.#isOver) return;
        const lastMs = this.#between(3_000, 8_000);
        timeline.after(this.#between(0, 12), () => {
          this.#world.say("nemesis", `blacks out ${machine.name}`);
          if (!this.#isOver) this.#blackOut(machine, lastMs);
        });
      };
    },
    crash: () => this.#crash(false),
    "half-open": () => this.#crash(true),
    "host-crash": () => this.#host?.kill(),
    pause: () => {
      const machine = this.#random.pick(this.#world.machines);
      if (machine.process === null) return;
      const hosts = this.#hostsOf(machine.process).map((host) => host.process);
      const paused = this.#random.next() < 0.5 ? [machine.process, ...hosts] : [machine.process];
      this.#pause(paused, this.#between(300, 8_000));
    },
    "host-pause": () => {
      const host = this.#host;
      if (host) this.#pause([host.process], this.#between(300, 9_000));
    },
    restart: () => {
      const machine = this.#random.pick(this.#world.machines);
      const { timeline } = this.#world;
      machine.stop(() => timeline.after(this.#between(50, 2_000), () => machine.start()));
    },
    departure: () => {
      const runners = this.#world.machines.filter(({ name, process }) => name.startsWith("runner") && process !== null);
      if (runners.length === this.#world.profile.runners && runners.length > 2) {
        const runner = this.#random.pick(runners);
        this.#departed.add(runner);
        this.#kill(runner, this.#random.next() < 0.3);
      }
    },
    "clock-step": () => {
      const processes = [...this.#world.processes];
      const size = this.#random.next() < 0.5 ? this.#between(500, 20_000) : this.#between(60_000, 2 * HOUR_MS);
      this.#random.pick(processes).clock.step(this.#random.next() < 0.5 ? size : -size);
    },
    "slow-store": () => {
      const link = this.#store;
      if (link) this.#slow(link);
    },
    "store-failure": () => {
      const fates = ["unsent", "unanswered"] as const;
      for (let count = this.#between(1, 4); count > 0; count--) this.#store?.failNext(this.#random.pick(fates));
    },
    "store-cut": () => {
      const link = this.#store;
      if (link) this.#cutStore(link, this.#between(500, 8_000));
    },
    "kafka-cut": () => {
      const host = this.#host;
      if (host) this.#cutKafka(host, this.#between(500, 9_000));
    },
    "slow-kafka": () => {
      const host = this.#host;
      if (host) this.#slow(host.link);
    },
    "kafka-failure": () => {
      for (let count = this.#between(1, 3); count > 0; count--) {
        const [point, when, kind] = this.#random.pick(KAFKA_FAILURES);
        this.#world.cluster.faults.failNext(point, { when, kind }, "");
      }
    },
    "kafka-delay": () =>
      this.#world.cluster.faults.delayNext(this.#random.pick(KAFKA_DELAYS), this.#between(50, 7_000)),
    "full-queue": () => {
      for (const { kafka } of this.#world.hosts) {
        kafka.isFull = true;
        this.#for(this.#between(50, 3_000), () => {
          kafka.isFull = false;
        });
      }
    },
    expulsion: () => this.#host?.kafka.expire(),
  };

  get #places(): string[] {
    return this.#world.machines.map(({ name }) => name);
  }

  get #host(): SimulatedHost | undefined {
    const hosts = [...this.#world.hosts];
    return hosts[Math.floor(this.#random.next() * hosts.length)];
  }

  /** Of a scheduler or config service that runs. */
  get #store() {
    const links = this.#world.machines.flatMap(({ booted }) => booted?.store ?? []);
    return links[Math.floor(this.#random.next() * links.length)];
  }

  #hostsOf(runner: SimulatedProcess): SimulatedHost[] {
    return [...this.#world.hosts].filter((host) => host.runner === runner);
  }

  #storm(weather: Partial<typeof FAIR>): void {
    const { network } = this.#world;
    network.weather = { ...network.weather, ...weather };
    this.#for(this.#between(500, 6_000), () => {
      network.weather = FAIR;
    });
  }

  #cut(ways: readonly (readonly [string, string])[], lastMs = this.#between(500, 8_000)): void {
    const healers = ways.map(([from, to]) => this.#world.network.cut(from, to));
    this.#world.say("nemesis", `cuts ${ways.map((way) => way.join(">")).join(" ")}`);
    this.#for(lastMs, () => {
      for (const heal of healers) heal();
    });
  }

  /** All of a machine's links at once, as when its network card goes. */
  #blackOut(machine: Machine, lastMs: number): void {
    this.#cut(
      [
        [machine.name, "*"],
        ["*", machine.name],
      ],
      lastMs,
    );
    const hosts = machine.process === null ? [] : this.#hostsOf(machine.process);
    for (const host of hosts) this.#cutKafka(host, lastMs);
    if (machine.booted?.store) this.#cutStore(machine.booted.store, lastMs);
  }

  #cutStore(link: ServerLink, lastMs: number): void {
    link.cut();
    this.#for(lastMs, () => link.heal());
  }

  /** The brokers give up on it in time. */
  #cutKafka({ link, kafka }: SimulatedHost, lastMs: number): void {
    link.cut();
    this.#for(lastMs, () => link.heal());
    this.#world.timeline.after(this.#world.settings.kafkaSessionMs, () => {
      if (!link.isUp) kafka.expire();
    });
  }

  #slow(link: ServerLink): void {
    link.slowMs = this.#between(200, 2_500);
    this.#for(this.#between(1_000, 6_000), () => {
      link.slowMs = 0;
    });
  }

  #crash(halfOpen: boolean): void {
    const { timeline, machines } = this.#world;
    const machine = this.#random.pick(machines);
    if (machine.process === null) return;
    this.#kill(machine, halfOpen);
    timeline.after(this.#between(50, 5_000), () => machine.start());
  }

  /** A container, or only the control process: then the hosts end by themselves. */
  #kill(machine: Machine, halfOpen: boolean): void {
    if (machine.process === null) return;
    const hosts = this.#hostsOf(machine.process);
    if (this.#random.next() < 0.5) for (const host of hosts) host.kill();
    machine.kill(halfOpen);
  }

  #pause(processes: readonly SimulatedProcess[], lastMs: number): void {
    const { timeline, settings, hosts } = this.#world;
    for (const process of processes) {
      if (!process.isRunning) continue;
      process.pause();
      this.#world.say(process.id, "is paused");
      const stop = process.stops;
      timeline.after(settings.kafkaSessionMs, () => {
        if (!process.isPaused || process.stops !== stop) return;
        for (const host of hosts) if (host.process === process) host.kafka.expire();
      });
      this.#for(lastMs, () => {
        if (process.stops !== stop) return;
        this.#world.say(process.id, "goes on");
        process.resume();
      });
    }
  }

  /** @param heal called once: after this time, or when all trouble ends. */
  #for(lastMs: number, heal: () => void): void {
    const once = () => {
      if (this.#healers.delete(once)) heal();
    };
    this.#healers.add(once);
    this.#world.timeline.after(lastMs, once);
  }

  #between(low: number, high: number): number {
    return low + this.#random.next() * (high - low);
  }
}
