// Pure: what has to change so that a server has the connectors that files describe.
import type { DesiredConnector } from "./connector-documents.ts";

export interface Change {
  readonly key: string;
  /** null: it was not there. */
  readonly before: string | null;
  /** null: it is removed. */
  readonly after: string | null;
}

export interface Planned {
  readonly connector: DesiredConnector;
  readonly action: "create" | "update" | "none";
  readonly changes: readonly Change[];
  /** Set, and hidden by the server, so that nobody here can tell whether it differs. */
  readonly hidden: readonly string[];
  /** The state to bring it to; null: it stays. */
  readonly state: DesiredConnector["state"];
}

const MASK = "[hidden]";

/** @param current null: there is no such connector. */
export function planOf(
  connector: DesiredConnector,
  current: { readonly config: Readonly<Record<string, string>>; readonly state: string | null } | null,
): Planned {
  const desired = connector.config;
  const before = current?.config ?? {};
  const hidden = Object.keys(desired).filter((key) => before[key] === MASK && desired[key] !== MASK);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(desired)])].sort();
  const changes = keys
    .filter((key) => before[key] !== desired[key] && !hidden.includes(key))
    .map((key) => ({ key, before: before[key] ?? null, after: desired[key] ?? null }));
  if (current === null) return { connector, action: "create", changes, hidden, state: null };
  const wanted = connector.keepsState && connector.state !== current.state ? connector.state : null;
  return { connector, action: changes.length > 0 ? "update" : "none", changes, hidden, state: wanted };
}

/** Values of settings that look secret are never printed, wherever they come from. */
export function shownValue(key: string, value: string): string {
  const isSecret = /password|passphrase|secret|token|credential|api\.?key|jaas/i.test(key);
  return isSecret && value !== "" && value !== MASK && !value.includes("${") ? "(not shown)" : JSON.stringify(value);
}
