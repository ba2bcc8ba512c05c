import {
  type ConnectorMetrics,
  type ConnectorStatus,
  type RunnerMetrics,
  runnerList,
  runnerMetrics,
  type TaskMetrics,
} from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import type { Ask } from "../ask.ts";
import { listStatuses } from "../connector-list.ts";

/** All that is known of the cluster at about one moment. */
export interface ClusterMetrics {
  readonly nowMs: number;
  readonly tookMs: number;
  readonly statuses: ReadonlyMap<string, ConnectorStatus>;
  /** First pages, with all their tasks. */
  readonly runners: readonly RunnerMetrics[];
  /** Of them, by name. */
  readonly connectors: ReadonlyMap<string, ConnectorMetrics>;
  /** Of them, one entry a task. */
  readonly tasks: ReadonlyMap<string, TaskMetrics>;
  /** Runners that are there and did not answer in time. */
  readonly missing: number;
}

/** Of each question. Who asks for metrics asks again soon, and would rather know that somebody is missing. */
const TIMEOUT_MS = 4_000;
/** Asked for again within this time, the last answer is given once more. */
const FRESH_MS = 500;
/** A runner of many thousand tasks has a few dozen. */
const PAGES_MAX = 1_000;

/** Asks all runners what they have measured. Callers at the same time share one answer. */
export class MetricsGatherer {
  readonly #ask: Ask;
  readonly #clock: Clock;
  #gathered: Promise<ClusterMetrics> | null = null;
  #atMs = Number.NEGATIVE_INFINITY;
  #isUnderWay = false;

  constructor(deps: { readonly ask: Ask; readonly clock: Clock }) {
    this.#ask = deps.ask;
    this.#clock = deps.clock;
  }

  /** Rejects when the scheduler does not answer. A runner that does not is counted as missing. */
  gather(): Promise<ClusterMetrics> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#gathered === null || (!this.#isUnderWay && nowMs - this.#atMs > FRESH_MS)) {
      this.#atMs = nowMs;
      this.#isUnderWay = true;
      this.#gathered = this.#gather().finally(() => {
        this.#isUnderWay = false;
      });
      this.#gathered.catch(() => {
        this.#gathered = null;
      });
    }
    return this.#gathered;
  }

  async #gather(): Promise<ClusterMetrics> {
    const beganMs = this.#clock.monotonicMs();
    // Of many who wait, one that has gone must not end it for the others.
    const signal = new AbortController().signal;
    const [statuses, { runners }] = await Promise.all([
      listStatuses(this.#ask, signal, TIMEOUT_MS),
      this.#ask(runnerList, {}, { timeoutMs: TIMEOUT_MS }),
    ]);
    const answers = await Promise.allSettled(runners.map(({ runner }) => this.#all(runner)));
    const heard = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    return {
      nowMs: this.#clock.nowMs(),
      tookMs: this.#clock.monotonicMs() - beganMs,
      statuses,
      runners: heard,
      connectors: new Map(heard.flatMap(({ connectors }) => connectors.map((known) => [known.connector, known]))),
      tasks: newestTasks(heard),
      missing: runners.length - heard.length,
    };
  }

  async #all(runner: string): Promise<RunnerMetrics> {
    const ask = (page: number) => this.#ask(runnerMetrics(runner), { page }, { timeoutMs: TIMEOUT_MS });
    const first = await ask(0);
    const tasks = [...first.tasks];
    for (let page = 1, { more } = first; more && page < PAGES_MAX; page++) {
      const next = await ask(page);
      tasks.push(...next.tasks);
      ({ more } = next);
    }
    return { ...first, tasks };
  }
}

/** A task that moves is told of by two runners: the newer generation counts, and of one generation the one that runs. */
function newestTasks(runners: readonly RunnerMetrics[]): Map<string, TaskMetrics> {
  const newest = new Map<string, TaskMetrics>();
  for (const task of runners.flatMap(({ tasks }) => tasks)) {
    const key = taskKey(task.connector, task.task);
    const known = newest.get(key);
    const better =
      known === undefined ||
      task.generation > known.generation ||
      (task.generation === known.generation && known.state === "UNASSIGNED");
    if (better) newest.set(key, task);
  }
  return newest;
}

export function taskKey(connector: string, task: number): string {
  return `${connector} ${task}`;
}
