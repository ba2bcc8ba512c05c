import type { Bus, BusLogger, Subscription } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import { type Assignment, assignmentEvent, configChanged, isProtocolError, ProtocolError } from "@millrace/protocol";
import type { Clock, Random } from "@millrace/time";
import type { Absence } from "./absence.ts";
import { Burst } from "./burst.ts";
import { type Changes, countsOf, diffStates, isEmpty } from "./changes.ts";
import { Coalesced } from "./coalesced.ts";
import { type DecideInput, type Decision, decide, type Presences, presencesOf } from "./decide.ts";
import { DesiredCache } from "./desired-cache.ts";
import { FencingRounds } from "./fencing-rounds.ts";
import { applyIntents, type Intent, Intents, refusal, rejectAll } from "./intents.ts";
import { Ledger } from "./ledger.ts";
import {
  anyGone,
  forgetLost,
  type Heartbeat,
  hear,
  heardLast,
  heardUntilMs,
  type Members,
  membersFromStore,
  presence,
} from "./membership.ts";
import { MissingRunners } from "./missing-runners.ts";
import type { Load, Member, Release, SchedulerOptions, SchedulerState, WorkKey } from "./model.ts";
import { Publications } from "./publications.ts";
import { begunNow, releasesFound } from "./release.ts";
import { scopeOf } from "./scope.ts";
import type { Lease, SchedulerStore } from "./store.ts";

export interface LeaderDeps {
  readonly bus: Bus;
  readonly store: SchedulerStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: BusLogger;
  readonly options: SchedulerOptions;
  readonly lease: Lease;
  /** The store refused a write: somebody else leads. Must not wait for this leader's end. */
  readonly leaseLost: (lease: Lease) => void;
}

/** Whatever is missed of what is new is noticed by then. */
const RESYNCS_PER_WHOLE = 10;

/** What one tick decides on. */
type Question = Pick<DecideInput, "scope" | "state" | "desired" | "elsewhere" | "nowMs">;

/**
 * One term of leadership. Its memory equals the store, because only the tick changes it, after its write was accepted:
 *
 *   heartbeats ─▶ members ┐
 *   config.changed ─▶ desired ├─▶ decide (pure) ─▶ store, under the lease (I7) ─▶ memory ─▶ runners
 *   restarts ─▶ intents ┘
 *
 * A tick decides on the connectors of which something is new, and now and then, or when runners come and go, on all.
 */
export class Leader {
  readonly #deps: LeaderDeps;
  readonly #desired: DesiredCache;
  readonly #fencing: FencingRounds;
  readonly #ticks: Coalesced;
  readonly #refreshes: Coalesced;
  readonly #ended = new AbortController();
  readonly #missing: MissingRunners;
  readonly #cancelTimers: (() => void)[] = [];
  #configSubscription: Subscription | null = null;
  /** null until the store has been read, or is to be read again. */
  #ledger: Ledger | null = null;
  /** Connectors of which something is new since the last decision; null: decide on all. */
  #touched: Set<string> | null = null;
  /** Who was there for the last decision that was stored. */
  #presences: Presences | null = null;
  #releases: ReadonlyMap<WorkKey, Release> = new Map();
  #absent: ReadonlyMap<string, Absence> = new Map();
  /** null until the store has been read; who is heard before is heard again. */
  #members: Members | null = null;
  readonly #publications: Publications;
  #resyncs = 0;
  #saidWaiting = false;
  readonly #burst: Burst;
  readonly #intents = new Intents();

  constructor(deps: LeaderDeps) {
    const { bus, clock, random, logger, options } = deps;
    this.#deps = deps;
    this.#desired = new DesiredCache(bus);
    this.#publications = new Publications(deps.lease.epoch);
    this.#ticks = new Coalesced(() => this.#tick());
    this.#refreshes = new Coalesced(() => this.#refresh());
    this.#burst = new Burst({ clock, quietMs: options.configBurstMs, ended: () => this.#refreshes.request() });
    this.#fencing = new FencingRounds({
      bus,
      clock,
      random,
      logger,
      timeoutMs: options.fenceTimeoutMs,
      fencer: (except) => this.fencer(except),
      done: () => this.#ticks.request(),
    });
    const members = () => this.#members;
    const gone = (member: Member) => this.#isGone(member);
    this.#missing = new MissingRunners({ bus, clock, options, members, gone });
  }

  async start(): Promise<void> {
    const { bus, clock, options } = this.#deps;
    this.#missing.start();
    this.#cancelTimers.push(
      clock.every(options.resyncIntervalMs, () => {
        // A burst reads when it ends.
        if (!this.#burst.isGoingOn) this.#refreshes.request();
        this.#resyncs += 1;
        if (this.#resyncs % RESYNCS_PER_WHOLE === 0) this.#touch(null);
        this.#ticks.request();
      }),
    );
    this.#refreshes.request();
    this.#ticks.request();
    this.#configSubscription = await bus.subscribe(configChanged, () => this.#burst.event());
    if (this.#ended.signal.aborted) await this.#configSubscription.close();
  }

  /** After this it writes and publishes nothing; restarts that wait are refused. */
  async stop(): Promise<void> {
    this.#ended.abort();
    for (const cancel of this.#cancelTimers) cancel();
    this.#burst.stop();
    this.#fencing.stop();
    this.#missing.stop();
    this.#intents.refuse(new ProtocolError("UNAVAILABLE", "This scheduler no longer leads; ask again"));
    await this.#configSubscription?.close();
    await Promise.all([this.#ticks.idle(), this.#refreshes.idle()]);
  }

  /** What the runner must be told, and whether what it says is known now. */
  hear(heartbeat: Heartbeat): {
    readonly epoch: number;
    readonly heard: number | null;
    readonly assignment: Assignment | null;
  } {
    const { clock, lease, options } = this.#deps;
    const { epoch } = lease;
    const { runner, applied, number = null } = heartbeat;
    if (this.#members === null) return { epoch, heard: null, assignment: null };
    const { sessionTimeoutMs } = options;
    const heard = hear(this.#members, heartbeat, { nowMs: clock.monotonicMs(), sessionTimeoutMs, epoch });
    this.#replaceMembers(heard.members);
    if (heard.changed) {
      this.#touch(heard.touched);
      this.#ticks.request();
    }
    failPoint("scheduler.heartbeat.heard");
    if (!heard.accepted) return { epoch, heard: null, assignment: this.#dismiss(heartbeat) };
    this.#publications.heard(runner, { applied, number });
    const assignment = this.#publications.assignment(runner, { applied, number });
    return { epoch, heard: heard.understood ? number : null, assignment };
  }

  #touch(connectors: Iterable<string> | null): void {
    if (connectors === null) this.#touched = null;
    else for (const connector of connectors) this.#touched?.add(connector);
  }

  /** Its session is over, unless it was heard meanwhile. */
  #isGone({ runner, lastHeardMs }: Member): void {
    const { clock, options, logger } = this.#deps;
    const known = this.#members?.get(runner);
    if (known?.lastHeardMs !== lastHeardMs) return;
    logger.info("A runner is not connected any more; its work is given to others", { runner, worker: known.workerId });
    const overMs = heardUntilMs(this.#members!, clock.monotonicMs()) - options.sessionTimeoutMs - 1;
    this.#members = new Map(this.#members).set(runner, { ...known, lastHeardMs: overMs });
    this.#ticks.request();
  }

  #replaceMembers(members: Members): void {
    const gone = this.#members !== null && anyGone(this.#members, members);
    this.#members = members;
    if (gone) this.#fencing.repeat();
  }

  /** Tells one that has no place here, and may not know it, to run nothing. */
  #dismiss({ runner, leaving, since, work }: Heartbeat): Assignment | null {
    if (leaving || (since === null && work.length === 0)) return null;
    // What it was told before counts no more, so all of it is decided on anew.
    this.#touch(null);
    return this.#publications.dismissal(runner);
  }

  /** Who is to be asked to fence. @throws ProtocolError UNAVAILABLE when no runner is there. */
  fencer(except: string | null = null): string {
    const runner = heardLast(this.#members ?? new Map(), except);
    if (runner === null) throw new ProtocolError("UNAVAILABLE", "No runner is there to fence producers; start one");
    return runner;
  }

  /** Those that are there, draining ones included. */
  runners(): { readonly runner: string; readonly workerId: string; readonly hosts: number }[] {
    const { clock, options } = this.#deps;
    const nowMs = clock.monotonicMs();
    return [...(this.#members?.values() ?? [])]
      .filter((member) => presence(member, nowMs, options.sessionTimeoutMs) !== "lost")
      .map(({ runner, workerId, hosts }) => ({ runner, workerId, hosts }));
  }

  /** Changes what is known of a connector within the next tick; resolves with what was stored. Rejects with what `apply` throws. */
  change(connector: string, apply: Intent["apply"]): Promise<SchedulerState> {
    if (this.#ended.signal.aborted) throw refusal();
    return new Promise((resolve, reject) => {
      this.#intents.add({ connector, apply, resolve, reject });
      this.#touch([connector]);
      this.#ticks.request();
    });
  }

  /** What is stored of a connector, read while the lease was still this leader's. */
  async verified(connector: string): Promise<SchedulerState> {
    const { store, lease, leaseLost } = this.#deps;
    if (!(await store.holds(lease))) {
      leaseLost(lease);
      throw new ProtocolError("UNAVAILABLE", "This scheduler no longer leads; ask again");
    }
    if (this.#ledger === null)
      throw new ProtocolError("UNAVAILABLE", "This scheduler does not know its state yet; ask again");
    return this.#ledger.of([connector]);
  }

  async #refresh(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    try {
      const changed = (connector: string) => this.#touch([connector]);
      if (await this.#desired.refresh(this.#ended.signal, changed)) this.#ticks.request();
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      if (this.#isConfigStarting(error)) return;
      this.#deps.logger.warn("The config service cannot be read; going on with what is known", { error });
    }
  }

  /** Services start in any order: until config has answered once, its silence is worth one line. */
  #isConfigStarting(error: unknown): boolean {
    if (this.#desired.isComplete || !isProtocolError(error) || error.code !== "UNAVAILABLE") return false;
    if (!this.#saidWaiting) this.#deps.logger.info("Waiting for the config service");
    this.#saidWaiting = true;
    return true;
  }

  async #tick(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    try {
      this.#ledger ??= await this.#load();
    } catch (error) {
      this.#deps.logger.warn("The scheduler's store cannot be read; trying again", { error });
      return this.#intents.refuse(unreachable(error));
    }
    if (!this.#desired.isComplete)
      return this.#intents.refuse(new ProtocolError("UNAVAILABLE", "The connectors are not known yet; ask again"));
    if (this.#ended.signal.aborted) return;
    const question = this.#question(this.#ledger);
    const { state: before, desired } = question;
    const { state, accepted } = applyIntents(before, desired, this.#intents.take());
    const decision = this.#decide({ ...question, state });
    failPoint("scheduler.decide.after");
    const changes = diffStates(before, decision.state);
    const isStored = await this.#store(changes, accepted);
    if (!isStored || this.#ended.signal.aborted) {
      this.#touch(null);
      return rejectAll(accepted, unreachable());
    }
    // Before the ledger changes, which `before` may be a view of.
    const told = this.#publications.take({ scope: question.scope, before, after: decision.state, desired });
    this.#ledger.apply(changes);
    this.#presences = decision.presences;
    this.#releases = begunNow(decision.releases, this.#releases, this.#deps.clock.monotonicMs());
    this.#absent = decision.absent;
    failPoint("scheduler.store.after");
    this.#publish(told);
    failPoint("scheduler.publish.after");
    this.#fencing.reconcile(decision.rounds);
    for (const intent of accepted) intent.resolve(decision.state);
  }

  /** All that is known of what a tick decides on. */
  #question(ledger: Ledger): Question {
    const { clock, options } = this.#deps;
    const nowMs = clock.monotonicMs();
    this.#replaceMembers(forgetLost(this.#members!, nowMs, options.sessionTimeoutMs));
    const presences = presencesOf(this.#members!, nowMs, options.sessionTimeoutMs);
    const scope = scopeOf({
      touched: this.#touched,
      releases: this.#releases,
      fencing: this.#fencing.connectors(),
      absent: this.#absent,
      before: this.#presences,
      now: presences,
    });
    this.#touched = new Set();
    const state = scope === null ? ledger.whole() : ledger.of(scope);
    const elsewhere = scope === null ? new Map<string, Load>() : ledger.loadsBeside(state.placements.values());
    return { scope, state, desired: this.#desired.of(scope), elsewhere, nowMs };
  }

  #decide(question: Question): Decision {
    const { clock, lease, options } = this.#deps;
    return decide({
      ...question,
      members: this.#members!,
      releases: this.#releases,
      absent: this.#absent,
      fenced: this.#fencing.fenced(),
      epoch: lease.epoch,
      sequence: this.#publications.next,
      utcMs: clock.nowMs(),
      options,
    });
  }

  /** Also after a write whose outcome is unknown: what was found is taken as it is. */
  async #load(): Promise<Ledger> {
    const { store, clock } = this.#deps;
    const state = await store.load();
    failPoint("scheduler.load.after");
    const nowMs = clock.monotonicMs();
    this.#members ??= membersFromStore(state.runners.values(), nowMs);
    this.#releases = releasesFound(state.placements, this.#releases, {
      sinceMs: nowMs,
      sequence: this.#publications.next,
    });
    this.#touched = null;
    return new Ledger(state);
  }

  async #store(changes: Changes, waiting: readonly Intent[]): Promise<boolean> {
    if (isEmpty(changes)) return true;
    const { store, lease, leaseLost, logger } = this.#deps;
    try {
      if (await store.commit(lease, changes)) {
        logger.debug("Stored what runs where", countsOf(changes));
        return true;
      }
      leaseLost(lease);
    } catch (error) {
      logger.warn("The scheduler's store did not take a write; reading it again", { error });
      this.#ledger = null;
      rejectAll(waiting, unreachable(error));
    }
    return false;
  }

  #publish(runners: readonly string[]): void {
    const { bus } = this.#deps;
    for (const runner of runners) {
      const assignment = this.#publications.assignment(runner, this.#members?.get(runner));
      if (assignment === null) continue;
      bus.publish(assignmentEvent(runner), assignment);
      failPoint("scheduler.publish.one");
    }
  }
}

function unreachable(cause?: unknown): ProtocolError {
  return new ProtocolError("UNAVAILABLE", "The scheduler could not store the change; ask again", { cause });
}
