import type { Bus, BusLogger, Subscription } from "@millrace/bus";
import type { Clock, Random } from "@millrace/time";
import { respondAsLeader, respondStatuses } from "./handlers.ts";
import { Leader } from "./leader.ts";
import { LeaseLoop } from "./lease.ts";
import { defaultOptions, type SchedulerOptions } from "./model.ts";
import type { Lease, SchedulerStore } from "./store.ts";

export interface SchedulerDeps {
  readonly bus: Bus;
  /** Stays the caller's to close. */
  readonly store: SchedulerStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: BusLogger;
  readonly options?: Partial<SchedulerOptions>;
}

export interface Scheduler {
  /** Resolves when statuses are answered. Leading starts by itself, when nobody else does. */
  start(): Promise<void>;
  /** Hands the lease back and answers nothing any more. */
  stop(): Promise<void>;
  /** The epoch this scheduler leads with, or null. */
  leading(): number | null;
}

/** Observed state and placement. Any number may run; one leads. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { bus, store, clock, random, logger } = deps;
  const options = { ...defaultOptions, ...deps.options };
  let statuses: readonly Subscription[] = [];
  let leading: Lease | null = null;
  const loop = new LeaseLoop({ store, clock, logger, options, holder: holderName(random), lead });

  function lead(lease: Lease): () => Promise<void> {
    leading = lease;
    const leaseLost = (lost: Lease) => loop.reportLost(lost);
    const leader = new Leader({ bus, store, clock, random, logger, options, lease, leaseLost });
    const begun = Promise.all([leader.start(), respondAsLeader({ leader, bus, clock, options })]).then(
      ([, responders]) => responders,
    );
    begun.catch((error) => {
      logger.error("This scheduler cannot lead, because the bus takes no responders", { error });
      loop.yield();
    });
    return async () => {
      leading = null;
      const responders = await begun.catch(() => []);
      // Stop first: it refuses the restarts that handlers wait for, and closing waits for handlers.
      await leader.stop();
      await Promise.all(responders.map((subscription) => subscription.close()));
      logger.info("This scheduler leads no more", { epoch: lease.epoch });
    };
  }

  return {
    async start() {
      statuses = await respondStatuses(bus, store);
      loop.start();
    },
    async stop() {
      await loop.stop();
      await Promise.all(statuses.map((subscription) => subscription.close()));
    },
    leading: () => leading?.epoch ?? null,
  };
}

function holderName(random: Random): string {
  const part = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return `scheduler-${part()}${part()}`;
}
