import { PASSWORD_MASK, type SubmittedConfig, type TargetState } from "@millrace/protocol";
import type { Command } from "../../../services/config/decide.ts";
import type { ConfigStore, StoredConnector } from "../../../services/config/store.ts";
import type { Verdict } from "../verdict.ts";

const CHECKER = "config-writes (I10)";

/** One command that the store has taken. */
interface Write {
  readonly command: Command;
  /** null: there was none. */
  readonly before: StoredConnector | null;
  readonly after: StoredConnector;
}

/**
 * Every config write that a gateway has answered with success is in the store at that moment, as asked for, and stays
 * (I10). Writes are counted, so that what was stored while a request was under way is known.
 */
export class ConfigWrites {
  readonly #verdict: Verdict;
  readonly #store: ConfigStore;
  readonly #writes: Write[] = [];
  readonly #latest = new Map<string, StoredConnector>();
  /** After so many writes: the names of all connectors, in order. */
  readonly #names: string[] = [""];
  readonly #answeredPuts: StoredConnector[] = [];

  constructor(verdict: Verdict, store: ConfigStore) {
    this.#verdict = verdict;
    this.#store = store;
  }

  /** The store, watched. */
  watched(): ConfigStore {
    const store = this.#store;
    return {
      get: (name) => store.get(name),
      changes: (sinceRevision) => store.changes(sinceRevision),
      cleanUps: () => store.cleanUps(),
      history: (name, range) => store.history(name, range),
      apply: async (command, atMs) => {
        const applied = await store.apply(command, atMs);
        this.#applied(command, applied.connector);
        return applied;
      },
      close: () => store.close(),
    };
  }

  #applied(command: Command, after: StoredConnector): void {
    this.#writes.push({ command, before: this.#latest.get(command.name) ?? null, after });
    this.#latest.set(command.name, after);
    const live = [...this.#latest.values()].filter(({ deleted }) => !deleted);
    this.#names.push(nameList(live.map(({ name }) => name)));
  }

  /** How many writes there have been. */
  get mark(): number {
    return this.#writes.length;
  }

  /** What GET may have found for this name at some moment since the mark; null: nothing. */
  seenSince(mark: number, name: string): readonly (StoredConnector | null)[] {
    const before = this.#writes.slice(0, mark).findLast(({ command }) => command.name === name)?.after ?? null;
    const written = this.#writes.slice(mark).filter(({ command }) => command.name === name);
    return [before, ...written.map(({ after }) => after)].map((each) => (each?.deleted ? null : each));
  }

  /** Whether there were exactly these at some moment since the mark. */
  hadNamesSince(mark: number, names: readonly string[]): boolean {
    return this.#names.slice(mark).includes(nameList(names));
  }

  /** A config was answered as stored. */
  put(since: number, name: string, sent: SubmittedConfig): void {
    const found = this.#find(since, name, ({ command, before, after }) => {
      return command.kind === "put" && isSame(after.config, unmasked({ ...sent, name }, before));
    });
    if (found) this.#answeredPuts.push(found.after);
    else this.#fail(`a config of ${name}`);
  }

  /** These keys were answered as changed, and no others with them. */
  patched(since: number, name: string, patch: SubmittedConfig): void {
    const found = this.#find(since, name, ({ command, before, after }) => {
      return command.kind === "put" && before !== null && isSame(after.config, { ...before.config, ...patch });
    });
    if (found) this.#answeredPuts.push(found.after);
    else this.#fail(`${name} with ${Object.keys(patch).join(", ")} changed, and nothing else`);
  }

  retargeted(since: number, name: string, state: TargetState): void {
    const found = this.#find(since, name, ({ command, after }) => {
      return command.kind === "target-state" && after.targetState === state;
    });
    if (!found) this.#fail(`${name} ${state}`);
  }

  deleted(since: number, name: string): void {
    if (!this.#find(since, name, ({ command }) => command.kind === "delete")) this.#fail(`the end of ${name}`);
  }

  #find(since: number, name: string, fits: (write: Write) => boolean): Write | undefined {
    return this.#writes.slice(since).find((write) => write.command.name === name && fits(write));
  }

  #fail(what: string): void {
    this.#verdict.fail(CHECKER, `${what} was answered as stored, and is not in the store`);
  }

  /** At the end: every answered config is in the history, under its version. */
  async checkHistory(): Promise<void> {
    for (const { name, version, config } of this.#answeredPuts) {
      const entry = (await this.#store.history(name)).find((each) => each.version === version);
      if (entry && isSame(entry.config, config)) continue;
      this.#verdict.fail(CHECKER, `version ${version} of ${name} was answered and is not in the history`);
    }
  }
}

/** What a config stands for that holds masks: the passwords that were stored. */
function unmasked(sent: SubmittedConfig, before: StoredConnector | null): SubmittedConfig {
  const real = ([key, value]: [string, string | null]) => [
    key,
    value === PASSWORD_MASK ? (before?.config[key] ?? null) : value,
  ];
  return Object.fromEntries(Object.entries(sent).map(real));
}

function nameList(names: readonly string[]): string {
  return names.toSorted().join(" ");
}

export function isSame(a: object, b: object): boolean {
  return text(a) === text(b);
}

function text(value: object): string {
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
