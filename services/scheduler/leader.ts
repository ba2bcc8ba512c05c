import type { Bus, BusLogger, Subscription } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import { type Assignment, assignmentEvent, configChanged, isProtocolError, ProtocolError } from "@millrace/protocol";
import type { Clock, Random } from "@millrace/time";
import type { Absence } from "./absence.ts";
import { Burst } from "./burst.ts";
import { type Changes, countsOf, diffStates, isEmpty } from "./changes.ts";
import { Coalesced } from "./coalesced.ts";
import { type Decision, decide } from "./decide.ts";
import { DesiredCache } from "./desired-cache.ts";
import { FencingRounds } from "./fencing-rounds.ts";
import {
  anyGone,
  forgetLost,
  type Heartbeat,
  hear,
  heardUntilMs,
  type Members,
  membersFromStore,
  presence,
} from "./membership.ts";
import { MissingRunners } from "./missing-runners.ts";
import type { Desired, Member, Release, SchedulerOptions, SchedulerState, WorkKey } from "./model.ts";
import type { Lease, SchedulerStore } from "./store.ts";
import { sameWorkSet, type WorkSet, workSets } from "./work.ts";

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

interface Intent {
  readonly apply: (state: SchedulerState, desired: Desired) => SchedulerState;
  readonly resolve: (state: SchedulerState) => void;
  readonly reject: (error: unknown) => void;
}

interface Published {
  readonly assignment: Assignment;
  readonly set: WorkSet;
}

const intentsMax = 10_000;

/**
 * One term of leadership. Its memory equals the store, because only the tick changes it, after its write was accepted:
 *
 *   heartbeats ─▶ members ┐
 *   config.changed ─▶ desired ├─▶ decide (pure) ─▶ store, under the lease (I7) ─▶ memory ─▶ runners
 *   restarts ─▶ intents ┘
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
  #state: SchedulerState | null = null;
  #releases: ReadonlyMap<WorkKey, Release> = new Map();
  #absent: ReadonlyMap<string, Absence> = new Map();
  /** null until the store has been read; who is heard before is heard again. */
  #members: Members | null = null;
  #published = new Map<string, Published>();
  #sequence = 0;
  #saidWaiting = false;
  readonly #burst: Burst;
  #intents: Intent[] = [];

  constructor(deps: LeaderDeps) {
    const { bus, clock, random, logger, options } = deps;
    this.#deps = deps;
    this.#desired = new DesiredCache(bus);
    this.#ticks = new Coalesced(() => this.#tick());
    this.#refreshes = new Coalesced(() => this.#refresh());
    this.#burst = new Burst({ clock, quietMs: options.configBurstMs, ended: () => this.#refreshes.request() });
    this.#fencing = new FencingRounds({
      bus,
      clock,
      random,
      logger,
      timeoutMs: options.fenceTimeoutMs,
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
    this.#refuse(new ProtocolError("UNAVAILABLE", "This scheduler no longer leads; ask again"));
    await this.#configSubscription?.close();
    await Promise.all([this.#ticks.idle(), this.#refreshes.idle()]);
  }

  /** What the runner must be told, or null. */
  hear(heartbeat: Heartbeat): { readonly epoch: number; readonly assignment: Assignment | null } {
    const { clock, lease, options } = this.#deps;
    const { epoch } = lease;
    if (this.#members === null) return { epoch, assignment: null };
    const heard = hear(this.#members, heartbeat, clock.monotonicMs(), options.sessionTimeoutMs);
    this.#replaceMembers(heard.members);
    if (heard.changed) this.#ticks.request();
    failPoint("scheduler.heartbeat.heard");
    if (!heard.accepted) return { epoch, assignment: this.#dismiss(heartbeat) };
    const latest = this.#published.get(heartbeat.runner)?.assignment;
    const isApplied = latest?.epoch === heartbeat.applied?.epoch && latest?.sequence === heartbeat.applied?.sequence;
    return { epoch, assignment: latest && !isApplied ? latest : null };
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
  #dismiss({ runner, leaving, work }: Heartbeat): Assignment | null {
    if (leaving || work.length === 0) return null;
    this.#sequence += 1;
    return { runner, epoch: this.#deps.lease.epoch, sequence: this.#sequence, work: [] };
  }

  /** Those that are there, draining ones included. */
  runners(): { readonly runner: string; readonly workerId: string; readonly hosts: number }[] {
    const { clock, options } = this.#deps;
    const nowMs = clock.monotonicMs();
    return [...(this.#members?.values() ?? [])]
      .filter((member) => presence(member, nowMs, options.sessionTimeoutMs) !== "lost")
      .map(({ runner, workerId, hosts }) => ({ runner, workerId, hosts }));
  }

  /** Changes the state within the next tick; resolves with what was stored. Rejects with what `apply` throws. */
  change(apply: Intent["apply"]): Promise<SchedulerState> {
    if (this.#ended.signal.aborted || this.#intents.length >= intentsMax) {
      throw new ProtocolError("UNAVAILABLE", "This scheduler cannot take the request now; ask again");
    }
    return new Promise((resolve, reject) => {
      this.#intents.push({ apply, resolve, reject });
      this.#ticks.request();
    });
  }

  /** The stored state, read while the lease was still this leader's. */
  async verified(): Promise<SchedulerState> {
    const { store, lease, leaseLost } = this.#deps;
    if (!(await store.holds(lease))) {
      leaseLost(lease);
      throw new ProtocolError("UNAVAILABLE", "This scheduler no longer leads; ask again");
    }
    if (this.#state === null)
      throw new ProtocolError("UNAVAILABLE", "This scheduler does not know its state yet; ask again");
    return this.#state;
  }

  async #refresh(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    try {
      if (await this.#desired.refresh(this.#ended.signal)) this.#ticks.request();
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      if (this.#isConfigStarting(error)) return;
      this.#deps.logger.warn("The config service cannot be read; going on with what is known", { error });
    }
  }

  /** Services start in any order: until config has answered once, its silence is worth one line. */
  #isConfigStarting(error: unknown): boolean {
    if (this.#desired.current() !== null || !isProtocolError(error) || error.code !== "UNAVAILABLE") return false;
    if (!this.#saidWaiting) this.#deps.logger.info("Waiting for the config service");
    this.#saidWaiting = true;
    return true;
  }

  async #tick(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    try {
      this.#state ??= await this.#load();
    } catch (error) {
      this.#deps.logger.warn("The scheduler's store cannot be read; trying again", { error });
      return this.#refuse(unreachable(error));
    }
    const desired = this.#desired.current();
    if (desired === null)
      return this.#refuse(new ProtocolError("UNAVAILABLE", "The connectors are not known yet; ask again"));
    if (this.#ended.signal.aborted) return;
    const before = this.#state;
    const intents = this.#intents.splice(0);
    const { state, accepted } = applyIntents(before, desired, intents);
    const decision = this.#decide(state, desired);
    failPoint("scheduler.decide.after");
    const isStored = await this.#store(diffStates(before, decision.state), accepted);
    if (!isStored || this.#ended.signal.aborted) return reject(accepted, unreachable());
    this.#state = decision.state;
    this.#releases = begunNow(decision.releases, this.#releases, this.#deps.clock.monotonicMs());
    this.#absent = decision.absent;
    failPoint("scheduler.store.after");
    this.#publish(decision.state, desired);
    failPoint("scheduler.publish.after");
    this.#fencing.reconcile(decision.rounds);
    for (const intent of accepted) intent.resolve(decision.state);
  }

  #decide(state: SchedulerState, desired: Desired): Decision {
    const { clock, lease, options } = this.#deps;
    const nowMs = clock.monotonicMs();
    this.#replaceMembers(forgetLost(this.#members!, nowMs, options.sessionTimeoutMs));
    return decide({
      state,
      desired,
      members: this.#members!,
      releases: this.#releases,
      absent: this.#absent,
      fenced: this.#fencing.fenced(),
      epoch: lease.epoch,
      sequence: this.#sequence + 1,
      nowMs,
      utcMs: clock.nowMs(),
      options,
    });
  }

  /** Also after a write whose outcome is unknown: what was found is taken as it is. */
  async #load(): Promise<SchedulerState> {
    const { store, clock } = this.#deps;
    const state = await store.load();
    failPoint("scheduler.load.after");
    const nowMs = clock.monotonicMs();
    this.#members ??= membersFromStore(state.runners.values(), nowMs);
    const releases = new Map<WorkKey, Release>();
    for (const [key, placement] of state.placements) {
      if (placement.phase !== "releasing") continue;
      releases.set(key, this.#releases.get(key) ?? { sinceMs: nowMs, sequence: this.#sequence + 1 });
    }
    this.#releases = releases;
    return state;
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
      this.#state = null;
      reject(waiting, unreachable(error));
    }
    return false;
  }

  /** Sequences rise by one per tick that publishes; the first tick of a term publishes to everyone. */
  #publish(state: SchedulerState, desired: Desired): void {
    const { bus, lease } = this.#deps;
    const before = new Map([...this.#published].map(([runner, { set }]) => [runner, set]));
    const sets = workSets(state, desired, before);
    const sequence = this.#sequence + 1;
    const next = new Map<string, Published>();
    for (const [runner, set] of sets) {
      const old = this.#published.get(runner);
      if (old && sameWorkSet(old.set, set)) {
        next.set(runner, old);
        continue;
      }
      const assignment = { runner, epoch: lease.epoch, sequence, work: [...set.values()] };
      next.set(runner, { assignment, set });
      this.#sequence = sequence;
      bus.publish(assignmentEvent(runner), assignment);
      failPoint("scheduler.publish.one");
    }
    this.#published = next;
  }

  #refuse(error: ProtocolError): void {
    reject(this.#intents.splice(0), error);
  }
}

/** Work that was taken away has its time from the moment its runner is told, however long the store took. */
function begunNow(
  releases: ReadonlyMap<WorkKey, Release>,
  before: ReadonlyMap<WorkKey, Release>,
  nowMs: number,
): ReadonlyMap<WorkKey, Release> {
  return new Map(
    [...releases].map(([key, release]) => [key, before.has(key) ? release : { ...release, sinceMs: nowMs }]),
  );
}

function applyIntents(before: SchedulerState, desired: Desired, intents: readonly Intent[]) {
  let state = before;
  const accepted: Intent[] = [];
  for (const intent of intents) {
    try {
      state = intent.apply(state, desired);
      accepted.push(intent);
    } catch (error) {
      intent.reject(error);
    }
  }
  return { state, accepted };
}

function reject(intents: readonly Intent[], error: ProtocolError): void {
  for (const intent of intents) intent.reject(error);
}

function unreachable(cause?: unknown): ProtocolError {
  return new ProtocolError("UNAVAILABLE", "The scheduler could not store the change; ask again", { cause });
}
