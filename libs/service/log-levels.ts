// Pure: which loggers say how much, changed while the process runs.

/** From the most to the least that is said; `off` says nothing. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "off"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const ROOT_LOGGER = "root";

export interface LoggerLevel {
  readonly logger: string;
  readonly level: LogLevel;
  /** Milliseconds UTC; null: as the process started. */
  readonly modifiedMs: number | null;
}

/** A level as log4j names it, in any case: `ALL` is trace. Null for what is none. */
export function parseLogLevel(text: string): LogLevel | null {
  const name = text.toLowerCase();
  if (name === "all") return "trace";
  return LOG_LEVELS.find((level) => level === name) ?? null;
}

/**
 * The level of a logger is the one set for it, for the nearest name that it begins with, or the root's. Setting a name sets
 * every longer one that has a level of its own; setting the root sets all.
 */
export class LogLevels {
  /** Raised with every change. */
  version = 0;
  readonly #levels = new Map<string, LoggerLevel>();
  readonly #listeners = new Set<() => void>();

  constructor(root: LogLevel) {
    this.#levels.set(ROOT_LOGGER, { logger: ROOT_LOGGER, level: root, modifiedMs: null });
  }

  /** The names whose level this changes, sorted. */
  set(name: string, level: LogLevel, nowMs: number): string[] {
    const logger = canonical(name);
    const affected = [...this.#levels.keys()].filter((other) => isWithin(other, logger));
    if (!affected.includes(logger)) affected.push(logger);
    const changed = affected.filter((other) => this.#levels.get(other)?.level !== level).sort();
    for (const each of changed) this.#levels.set(each, { logger: each, level, modifiedMs: nowMs });
    if (changed.length > 0) this.#changed();
    return changed;
  }

  /** Takes another process's levels over. */
  replace(levels: readonly LoggerLevel[]): void {
    this.#levels.clear();
    for (const each of levels) this.#levels.set(each.logger, each);
    this.#changed();
  }

  /** Null unless a level was set for this very name. */
  get(name: string): LoggerLevel | null {
    return this.#levels.get(canonical(name)) ?? null;
  }

  /** Sorted by name. */
  list(): LoggerLevel[] {
    return [...this.#levels.values()].sort((a, b) => (a.logger < b.logger ? -1 : 1));
  }

  isEnabled(logger: string, level: LogLevel): boolean {
    return rank(level) >= rank(this.#effective(logger));
  }

  /** @returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #effective(logger: string): LogLevel {
    for (let end = logger.length; end > 0; end = logger.lastIndexOf(".", end - 1)) {
      const own = this.#levels.get(logger.slice(0, end));
      if (own !== undefined) return own.level;
    }
    return this.#levels.get(ROOT_LOGGER)?.level ?? "info";
  }

  #changed(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}

function canonical(name: string): string {
  return name.toLowerCase() === ROOT_LOGGER ? ROOT_LOGGER : name;
}

function isWithin(name: string, namespace: string): boolean {
  return namespace === ROOT_LOGGER || name === namespace || name.startsWith(`${namespace}.`);
}

function rank(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}
