import type { Bus } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import { type Assignment, heartbeat } from "@millrace/protocol";
import { boundTraces } from "./bounded-traces.ts";
import { type Reports, reportChanges } from "./report-changes.ts";

/** What the runner says of itself. */
export interface RunnerState {
  readonly runner: string;
  readonly workerId: string;
  readonly version: string;
  readonly hosts: number;
  readonly busy: number;
  readonly draining: boolean;
  readonly applied: { readonly epoch: number; readonly sequence: number } | null;
}

export interface HeartbeatsDeps {
  readonly bus: Bus;
  readonly timeoutMs: number;
  readonly state: () => RunnerState;
  readonly reports: () => Reports;
  /** It came with an answer. */
  readonly assigned: (assignment: Assignment) => void;
  readonly unanswered: (error: unknown) => void;
}

/** The last heartbeat that a leader has heard, and said so. */
interface Heard {
  readonly epoch: number;
  readonly number: number;
  readonly reports: Reports;
}

/**
 * Heartbeats of one runner, one at a time; a change during one sends another at once. A leader is told everything once, and from
 * then on what has changed since its last answer: how much work there is costs nothing while nothing happens to it. Without an
 * answer it may have heard or not, and another leader has not: either says so, and is told everything again.
 */
export class Heartbeats {
  readonly #deps: HeartbeatsDeps;
  #phase: "idle" | "sending" | "again" | "left" = "idle";
  #sending: Promise<void> = Promise.resolve();
  #number = 0;
  #heard: Heard | null = null;

  constructor(deps: HeartbeatsDeps) {
    this.#deps = deps;
  }

  /** Now, or right after the one on its way. */
  beat(): void {
    if (this.#phase === "left") return;
    if (this.#phase !== "idle") {
      this.#phase = "again";
      return;
    }
    this.#phase = "sending";
    this.#sending = this.#send(false)
      .catch((error) => this.#deps.unanswered(error))
      .then(() => {
        if (this.#phase === "left") return;
        const again = this.#phase === "again";
        this.#phase = "idle";
        if (again) this.beat();
      });
  }

  /** The last one. Behind the one on its way: a heartbeat after the last would bring this runner back. */
  async leave(): Promise<void> {
    this.#phase = "left";
    await this.#sending;
    await this.#send(true).catch(() => {});
  }

  async #send(leaving: boolean): Promise<void> {
    const { bus, timeoutMs, state, reports: current, assigned } = this.#deps;
    failPoint("runner.heartbeat.before");
    const number = ++this.#number;
    const reports = current();
    const before = this.#heard;
    const since = before && { epoch: before.epoch, number: before.number };
    const { work, gone } = reportChanges(before?.reports ?? null, reports);
    const message = { ...state(), leaving, number, since, work: boundTraces(work), gone: [...gone] };
    const answer = await bus.request(heartbeat, message, { timeoutMs });
    failPoint("runner.heartbeat.after");
    // A leader that another has followed is told nothing to build on: it must not keep the runner from telling the other everything.
    const isFollowed = (message.applied?.epoch ?? 0) > answer.epoch;
    this.#heard = answer.heard === number && !isFollowed ? { epoch: answer.epoch, number, reports } : null;
    if (since !== null && this.#heard === null) this.beat();
    if (answer.assignment) assigned(answer.assignment);
  }
}
