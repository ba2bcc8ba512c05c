import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import { PLAIN_PASSWORD, PLAIN_PASSWORD_KEY, SECRET_REFERENCE } from "./checkers/secrets.ts";
import { topicOf } from "./checkers/source-log.ts";
import { SINK_CLASS, SOURCE_CLASS } from "./plugins.ts";
import type { Profile } from "./profile.ts";

export const SINK = "sink";
const TASKS_MAX = 3;
/** What is added to the other sources at the end, so that they have to work once more. */
const LAST_NUMBERS = 5;
/** And quickly. */
const LAST_POLL_MS = 40;
const LAST_BATCH = 8;

export type Config = Readonly<Record<string, string>>;

/** What a run's connectors are configured with, drawn anew each time. */
export class ConnectorConfigs {
  readonly #profile: Profile;
  readonly #random: SeededRandom;

  constructor(profile: Profile, random: SeededRandom) {
    this.#profile = profile;
    this.#random = random;
  }

  get names(): string[] {
    return [...this.#profile.sources.map(({ name }) => name), SINK];
  }

  /** @param isLast for the end of the run. */
  config(name: string, isLast: boolean): Config {
    const { sources, sinkTasks, topicPartitions } = this.#profile;
    const source = sources.find((each) => each.name === name);
    if (!source) {
      return {
        "connector.class": SINK_CLASS,
        "tasks.max": isLast ? String(sinkTasks) : this.#tasks(),
        topics: sources.map((each) => topicOf(each.name)).join(","),
        password: SECRET_REFERENCE,
      };
    }
    return {
      "connector.class": SOURCE_CLASS,
      "tasks.max": this.#tasks(),
      partitions: String(source.partitions),
      total: String(source.total + (isLast ? LAST_NUMBERS : 0)),
      "poll.ms": String(isLast ? LAST_POLL_MS : source.pollMs),
      batch: String(isLast ? LAST_BATCH : source.batch),
      "topic.partitions": String(topicPartitions),
      stubborn: String(source.stubborn),
      password: SECRET_REFERENCE,
      [PLAIN_PASSWORD_KEY]: `${PLAIN_PASSWORD}-${Math.floor(this.#random.next() * 1_000)}`,
      "transaction.boundary": source.boundary,
      "transaction.boundary.interval.ms": String(source.intervalMs),
    };
  }

  /** Two changes that do not touch each other. */
  patches(name: string): readonly [Config, Config] {
    const tasks = { "tasks.max": this.#tasks() };
    const source = this.#profile.sources.find((each) => each.name === name);
    if (!source) return [tasks, { "errors.log.enable": String(this.#random.next() < 0.5) }];
    return [tasks, { "poll.ms": String(Math.floor(source.pollMs * (0.5 + this.#random.next()))) }];
  }

  #tasks(): string {
    return String(1 + Math.floor(this.#random.next() * TASKS_MAX));
  }
}
