import { type PluginInfo, pluginList } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import type { Ask } from "./ask.ts";
import type { ConnectorType } from "./entities.ts";
import { findConnector } from "./plugin-alias.ts";

/** An unknown class is asked for again after this long: its plugin may have been installed just now. */
const MISS_FRESH_MS = 1_000;
/** Reads must not hang on a runner for a field that may be "unknown". */
const TIMEOUT_MS = 2_000;

/**
 * Knows whether a class is a source or a sink, from the runners' plugin list. A class does not change its type, so it is asked for again
 * only when a class is not in it.
 */
export class PluginTypes {
  readonly #ask: Ask;
  readonly #clock: Clock;
  #plugins: readonly PluginInfo[] = [];
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | null = null;

  constructor(deps: { ask: Ask; clock: Clock }) {
    this.#ask = deps.ask;
    this.#clock = deps.clock;
  }

  /** Never rejects. Concurrent callers share one question. */
  async typeOf(config: Readonly<Record<string, string | null>>): Promise<ConnectorType> {
    const given = config["connector.class"] ?? null;
    if (given === null) return "unknown";
    const known = this.#typeOf(given);
    if (known !== "unknown" || this.#clock.monotonicMs() - this.#listedAtMs < MISS_FRESH_MS) return known;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
    return this.#typeOf(given);
  }

  #typeOf(given: string): ConnectorType {
    const type = findConnector(this.#plugins, given)?.type;
    return type === "source" || type === "sink" ? type : "unknown";
  }

  async #refresh(): Promise<void> {
    try {
      this.#plugins = (await this.#ask(pluginList, {}, { timeoutMs: TIMEOUT_MS })).plugins;
      this.#listedAtMs = this.#clock.monotonicMs();
    } catch {
      // No runner just now. The type shows as last known, and the next read asks again.
    }
  }
}
