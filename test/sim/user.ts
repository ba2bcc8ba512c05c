import {
  connectorDelete,
  connectorPut,
  connectorRestart,
  connectorTargetState,
  isProtocolError,
  type TargetState,
} from "@millrace/protocol";
import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import { SECRET_REFERENCE } from "./checkers/secrets.ts";
import { topicOf } from "./checkers/source-log.ts";
import { SINK_CLASS, SOURCE_CLASS } from "./plugins.ts";
import { SimulatedBus } from "./simulated-bus.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { Verdict } from "./verdict.ts";
import type { World } from "./world.ts";

export const SINK = "sink";
const REQUEST_TIMEOUT_MS = 6_000;
const RETRY_MS = 400;
const TASKS_MAX = 3;
/** Of the connectors, at the end. */
const LEFT_SHARE = 0.4;
/** What is added to the other sources at the end, so that they have to work once more. */
const LAST_NUMBERS = 5;
/** And quickly. */
const LAST_POLL_MS = 40;
const LAST_BATCH = 8;
/** What a user may be told while there is trouble, or because of what was asked for before. */
const EXPECTED = new Set(["UNAVAILABLE", "TIMEOUT", "NOT_FOUND", "CONFLICT", "ALREADY_EXISTS"]);

/** Somebody with connectors who cannot leave them alone, and checks what is answered. */
export class User {
  readonly #world: World;
  readonly #verdict: Verdict;
  readonly #process: SimulatedProcess;
  readonly #bus: SimulatedBus;
  readonly #random: SeededRandom;

  constructor(world: World, verdict: Verdict) {
    this.#world = world;
    this.#verdict = verdict;
    this.#process = world.process("user#1");
    this.#bus = new SimulatedBus(world.hub, this.#process);
    this.#random = world.stream("user");
  }

  get #names(): string[] {
    return [...this.#world.profile.sources.map(({ name }) => name), SINK];
  }

  async createAll(): Promise<void> {
    for (const name of this.#names) await this.#insist(() => this.#put(name, false));
  }

  /** Changes something now and then, until `isOver`. */
  async meddle(isOver: () => boolean): Promise<void> {
    const { userGapMs } = this.#world.profile;
    while (!isOver()) {
      await this.#process.clock.sleep(-Math.log(1 - this.#random.next()) * userGapMs);
      if (isOver()) return;
      const name = this.#random.pick(this.#names);
      await this.#random.pick(WISHES)(this, name);
    }
  }

  /**
   * Everything is to run, and configured for the end; only then this resolves. Some connectors are only told to run: what
   * has got stuck in them must come free without being started anew.
   */
  async finish(): Promise<void> {
    for (const name of this.#names) {
      const isLeft = this.#random.next() < LEFT_SHARE && (await this.target(name, "STARTED"));
      if (isLeft) continue;
      await this.#insist(() => this.#put(name, true));
      await this.#insist(() => this.target(name, "STARTED"));
    }
  }

  async #insist(wish: () => Promise<boolean>): Promise<void> {
    while (!(await wish())) await this.#process.clock.sleep(RETRY_MS);
  }

  reconfigure(name: string): Promise<boolean> {
    return this.#put(name, false);
  }

  #put(name: string, isLast: boolean): Promise<boolean> {
    const config = this.#config(name, isLast);
    return this.#ask(`put ${name} with tasks.max=${config["tasks.max"]}`, async () => {
      const { connector } = await this.#bus.request(
        connectorPut,
        { name, config, createOnly: false },
        { timeoutMs: REQUEST_TIMEOUT_MS },
      );
      this.#world.configWrites.answered(connector, "put");
    });
  }

  target(name: string, targetState: TargetState): Promise<boolean> {
    return this.#ask(`${name} to be ${targetState}`, async () => {
      const { connector } = await this.#bus.request(
        connectorTargetState,
        { name, targetState },
        { timeoutMs: REQUEST_TIMEOUT_MS },
      );
      this.#world.configWrites.answered(connector, "target-state");
    });
  }

  /** Deletes it and, some time later, creates it anew. */
  async recreate(name: string): Promise<boolean> {
    await this.#ask(`delete ${name}`, async () => {
      const { revision } = await this.#bus.request(connectorDelete, { name }, { timeoutMs: REQUEST_TIMEOUT_MS });
      this.#world.configWrites.deleted(name, revision);
    });
    await this.#process.clock.sleep(this.#random.next() * 1_500);
    return this.#put(name, false);
  }

  restart(name: string): Promise<boolean> {
    return this.#ask(`restart ${name}`, async () => {
      const restart = { name, includeTasks: this.#random.next() < 0.5, onlyFailed: false };
      await this.#bus.request(connectorRestart, restart, { timeoutMs: REQUEST_TIMEOUT_MS });
    });
  }

  /** @returns whether it was answered with success. */
  async #ask(what: string, ask: () => Promise<void>): Promise<boolean> {
    this.#world.say("user", `asks: ${what}`);
    try {
      await ask();
      this.#world.say("user", `is answered: ${what}`);
      return true;
    } catch (error) {
      const code = isProtocolError(error) ? error.code : "none";
      this.#world.say("user", `is refused: ${what}: ${code}`);
      if (!EXPECTED.has(code)) this.#verdict.fail("user", `asking for ${what} failed: ${String(error)}`);
      return false;
    }
  }

  #config(name: string, isLast: boolean): Record<string, string> {
    const { sources, sinkTasks, topicPartitions } = this.#world.profile;
    const source = sources.find((each) => each.name === name);
    if (!source) {
      return {
        "connector.class": SINK_CLASS,
        "tasks.max": String(isLast ? sinkTasks : 1 + Math.floor(this.#random.next() * TASKS_MAX)),
        topics: sources.map((each) => topicOf(each.name)).join(","),
        password: SECRET_REFERENCE,
      };
    }
    return {
      "connector.class": SOURCE_CLASS,
      "tasks.max": String(1 + Math.floor(this.#random.next() * TASKS_MAX)),
      partitions: String(source.partitions),
      total: String(source.total + (isLast ? LAST_NUMBERS : 0)),
      "poll.ms": String(isLast ? LAST_POLL_MS : source.pollMs),
      batch: String(isLast ? LAST_BATCH : source.batch),
      "topic.partitions": String(topicPartitions),
      stubborn: String(source.stubborn),
      password: SECRET_REFERENCE,
      "transaction.boundary": source.boundary,
      "transaction.boundary.interval.ms": String(source.intervalMs),
    };
  }
}

const WISHES: readonly ((user: User, name: string) => Promise<boolean>)[] = [
  (user, name) => user.reconfigure(name),
  (user, name) => user.reconfigure(name),
  (user, name) => user.reconfigure(name),
  (user, name) => user.reconfigure(name),
  (user, name) => user.target(name, "PAUSED"),
  (user, name) => user.target(name, "STOPPED"),
  (user, name) => user.target(name, "STARTED"),
  (user, name) => user.target(name, "STARTED"),
  (user, name) => user.target(name, "STARTED"),
  (user, name) => user.recreate(name),
  (user, name) => user.restart(name),
];
