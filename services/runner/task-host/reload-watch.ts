import type { Logger } from "@millrace/connect";
import type { ReloadPlan } from "@millrace/service";
import type { Clock } from "@millrace/time";

export interface ReloadWatchDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once; what is watched then is watched no more. */
  readonly reload: () => void;
}

/**
 * `config.action.reload=restart`: says when work is to begin anew, because what config providers gave has changed or has
 * reached its age. Failed work is watched too: the new value may be what it lacked.
 */
export class ReloadWatch {
  readonly #deps: ReloadWatchDeps;
  #stops: readonly (() => void)[] = [];
  #checking = false;

  constructor(deps: ReloadWatchDeps) {
    this.#deps = deps;
  }

  /** Instead of what was watched before. @param config of the connector, resolved. */
  watch(config: Readonly<Record<string, string>>, plans: readonly ReloadPlan[]): void {
    this.close();
    if (config["config.action.reload"]?.trim().toLowerCase() === "none") return;
    const { clock } = this.#deps;
    this.#stops = plans.flatMap((plan) => {
      const { ttlMs, intervalMs } = plan;
      return [
        ...(ttlMs === null ? [] : [clock.after(ttlMs, () => this.#reload("have reached their age", { ttlMs }))]),
        ...(intervalMs === null ? [] : [clock.every(intervalMs, () => void this.#check(plan))]),
      ];
    });
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  async #check(plan: ReloadPlan): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    const watched = this.#stops;
    try {
      const changed = await plan.changed();
      // Meanwhile nobody may be waiting any more, or for something else.
      if (changed.length > 0 && this.#stops === watched) this.#reload("have changed", { changed });
    } catch (error) {
      this.#deps.logger.warn("looking for changed values failed and will be tried again", { error: String(error) });
    } finally {
      this.#checking = false;
    }
  }

  #reload(why: string, fields: Record<string, unknown>): void {
    this.close();
    this.#deps.logger.info(`values of config providers ${why}: restarting with those they give now`, fields);
    this.#deps.reload();
  }
}
