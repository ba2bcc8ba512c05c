import type { BusLogger } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import type { Clock } from "@millrace/time";
import type { SchedulerOptions } from "./model.ts";
import type { Lease, SchedulerStore } from "./store.ts";

export interface LeaseDeps {
  readonly store: SchedulerStore;
  readonly clock: Clock;
  readonly logger: BusLogger;
  readonly options: Pick<SchedulerOptions, "leaseMs" | "leaseRetryMs">;
  /** Unique per process start. */
  readonly holder: string;
  /** Called with each lease taken. The next is not tried for before what it returned has been called and has resolved. */
  readonly lead: (lease: Lease) => () => Promise<void>;
}

/**
 * WAITING ──acquired──▶ LEADING ──lost: renewal refused | a write refused | not renewed in time──▶ WAITING ──stop()──▶ STOPPED
 *
 * That a leader stops when it could not renew is a courtesy to those who ask it; that it cannot write is the store's doing (I11).
 */
export class LeaseLoop {
  readonly #deps: LeaseDeps;
  readonly #stopping = new AbortController();
  #lost: AbortController | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** A guarded write touched no row: somebody else leads. */
  reportLost(lease: Lease): void {
    this.#deps.logger.warn("The lease was taken over by another scheduler", { epoch: lease.epoch });
    this.yield();
  }

  /** Ends the present term; after a pause anybody may lead, this one too. */
  yield(): void {
    this.#lost?.abort();
  }

  /** Gives the lease back, so that another scheduler can lead at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, options, logger } = this.#deps;
    while (!this.#stopping.signal.aborted) {
      const lease = await this.#acquire();
      if (lease) await this.#leadWith(lease);
      await clock.sleep(options.leaseRetryMs, this.#stopping.signal).catch(() => {});
    }
    logger.info("The scheduler has stopped trying to lead");
  }

  async #acquire(): Promise<Lease | null> {
    const { store, holder, options, logger } = this.#deps;
    try {
      return await store.acquire(holder, options.leaseMs);
    } catch (error) {
      logger.warn("The lease could not be asked for; trying again", { error });
      return null;
    }
  }

  async #leadWith(lease: Lease): Promise<void> {
    const { lead, store, logger } = this.#deps;
    const lost = new AbortController();
    this.#lost = lost;
    const over = AbortSignal.any([lost.signal, this.#stopping.signal]);
    failPoint("scheduler.lease.taken");
    logger.info("This scheduler leads", { epoch: lease.epoch });
    const stopLeading = lead(lease);
    await this.#renewUntilOver(lease, over);
    await stopLeading();
    this.#lost = null;
    await store
      .release(lease)
      .catch((error) => logger.warn("The lease could not be given back; it runs out", { error }));
  }

  async #renewUntilOver(lease: Lease, over: AbortSignal): Promise<void> {
    const { clock, store, options, logger } = this.#deps;
    let renewedMs = clock.monotonicMs();
    while (!over.aborted) {
      try {
        await clock.sleep(options.leaseMs / 3, over);
      } catch {
        return;
      }
      const askedMs = clock.monotonicMs();
      try {
        failPoint("scheduler.lease.before");
        if (!(await store.renew(lease, options.leaseMs))) return this.reportLost(lease);
        failPoint("scheduler.lease.renewed");
        renewedMs = askedMs;
      } catch (error) {
        logger.warn("The lease could not be renewed; trying again", { error });
        if (askedMs - renewedMs >= options.leaseMs) return;
      }
    }
  }
}
