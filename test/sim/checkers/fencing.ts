import type { ConnectorState } from "../../../services/scheduler/model.ts";
import type { Verdict } from "../verdict.ts";

const CHECKER = "fencing (I3)";

export interface FencingDeps {
  readonly verdict: Verdict;
  readonly nowMs: () => number;
  /** Of connectors whose tasks write with transactional ids. */
  readonly isSource: (connector: string) => boolean;
}

/**
 * A generation may run once every producer that tasks before it may have had is fenced, since the generation is known:
 * by a round over all of them, or, of one task that follows one, by its own start (I3).
 */
export class Fencing {
  readonly #deps: FencingDeps;
  readonly #raisedMs = new Map<string, number>();
  /** Transactional id → when the brokers took its last initTransactions. */
  readonly #initialisedMs = new Map<string, number>();

  constructor(deps: FencingDeps) {
    this.#deps = deps;
  }

  initialised(transactionalId: string): void {
    this.#initialisedMs.set(transactionalId, this.#deps.nowMs());
  }

  written(before: ConnectorState | undefined, state: ConnectorState): void {
    const { nowMs, isSource } = this.#deps;
    const { connector, generation, fencedGeneration } = state;
    if (generation !== before?.generation) this.#raisedMs.set(connector, nowMs());
    const isFenced = fencedGeneration === generation && before?.fencedGeneration !== generation;
    if (isFenced && isSource(connector)) this.#check(before?.taskCountRecord ?? 0, state);
  }

  #check(tasks: number, { connector, generation, taskCountRecord }: ConnectorState): void {
    if (tasks === 1 && taskCountRecord === 1) return;
    const raisedMs = this.#raisedMs.get(connector) ?? 0;
    for (let task = 0; task < tasks; task++) {
      const id = `sim-${connector}-${task}`;
      if ((this.#initialisedMs.get(id) ?? -1) >= raisedMs) continue;
      const message = `generation ${generation} of ${connector} may run, and ${id} has not been fenced since there is one`;
      this.#deps.verdict.fail(CHECKER, message);
    }
  }
}
