import type { Logger } from "@millrace/connect";
import type { BrokenPluginInfo } from "@millrace/protocol";

/** A plugin module that hosts leave out. */
export interface BrokenPlugin {
  readonly file: string;
  readonly reason: string;
}

/** What is broken may be much: of more plugins nothing is remembered. */
const REMEMBERED_MAX = 1_000;
const LISTED_MAX = 200;
const REASON_LENGTH_MAX = 1_000;

/**
 * What a runner's hosts could not load, each logged once. What ended the host that loaded it, or kept it waiting, is in
 * quarantine: no other host of this runner tries it.
 */
export class BrokenPlugins {
  readonly #logger: Logger;
  readonly #told = new Set<string>();
  readonly #quarantined = new Map<string, BrokenPlugin>();
  /** By file, with the latest reason. */
  readonly #leftOut = new Map<string, BrokenPlugin>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get quarantined(): readonly BrokenPlugin[] {
    return [...this.#quarantined.values()];
  }

  /** Those in quarantine first; bounded, so that it fits into a message. */
  list(): BrokenPluginInfo[] {
    const left = [...this.#leftOut.values()].filter(({ file }) => !this.#quarantined.has(file));
    const info =
      (quarantined: boolean) =>
      ({ file, reason }: BrokenPlugin) => {
        return { file, reason: reason.slice(0, REASON_LENGTH_MAX), quarantined };
      };
    return [...this.quarantined.map(info(true)), ...left.map(info(false))].slice(0, LISTED_MAX);
  }

  /** @param trace for the log alone. */
  leftOut(plugin: BrokenPlugin, trace: string | null = null): void {
    const { file, reason } = plugin;
    const key = JSON.stringify([file, reason]);
    if (this.#told.has(key) || this.#told.size >= REMEMBERED_MAX) return;
    this.#told.add(key);
    this.#leftOut.set(file, plugin);
    this.#logger.error("a plugin could not be loaded and is left out", { file, reason, trace });
  }

  quarantine(plugin: BrokenPlugin): void {
    const { file, reason } = plugin;
    if (this.#quarantined.has(file) || this.#quarantined.size >= REMEMBERED_MAX) return;
    this.#quarantined.set(file, plugin);
    const message = "a plugin is in quarantine: no task host loads it until this runner is started again";
    this.#logger.error(message, { file, reason });
  }
}
