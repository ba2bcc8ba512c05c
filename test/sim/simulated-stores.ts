import { ProtocolError } from "@millrace/protocol";
import type { ConfigStore } from "../../services/config/store.ts";
import type { SchedulerStore } from "../../services/scheduler/store.ts";
import type { Lateness, ServerLink } from "./server-link.ts";

/** Bounds of a statement, as both services have them with Postgres. */
const STATEMENT_TIMEOUT_MS = 4_000;

const lateness: Lateness = {
  timeoutMs: STATEMENT_TIMEOUT_MS,
  unsent: () => new ProtocolError("UNAVAILABLE", "simulated: Postgres cannot be reached"),
  unanswered: () => new ProtocolError("UNAVAILABLE", "simulated: Postgres did not answer"),
};

/** The config service's store, on the other side of a link. @param store is told of each effect as it happens. */
export function configStoreBehind(link: ServerLink, store: ConfigStore): ConfigStore {
  const call = <T>(effect: () => Promise<T>) => link.call(effect, lateness);
  return {
    get: (name) => call(() => store.get(name)),
    changes: (sinceRevision) => call(() => store.changes(sinceRevision)),
    cleanUps: () => call(() => store.cleanUps()),
    history: (name) => call(() => store.history(name)),
    apply: (command, atMs) => call(() => store.apply(command, atMs)),
    close: async () => {},
  };
}

/** The scheduler's store, on the other side of a link. */
export function schedulerStoreBehind(link: ServerLink, store: SchedulerStore): SchedulerStore {
  const call = <T>(effect: () => Promise<T>) => link.call(effect, lateness);
  return {
    acquire: (holder, leaseMs) => call(() => store.acquire(holder, leaseMs)),
    renew: (lease, leaseMs) => call(() => store.renew(lease, leaseMs)),
    release: (lease) => call(() => store.release(lease)),
    holds: (lease) => call(() => store.holds(lease)),
    load: () => call(() => store.load()),
    commit: (lease, changes) => call(() => store.commit(lease, changes)),
    statusesOf: (connector) => call(() => store.statusesOf(connector)),
    statusesAfter: (after, connectorsMax) => call(() => store.statusesAfter(after, connectorsMax)),
    addTopics: (connector, topics) => call(() => store.addTopics(connector, topics)),
    topicsOf: (connector) => call(() => store.topicsOf(connector)),
    removeTopics: (connector) => call(() => store.removeTopics(connector)),
    close: async () => {},
  };
}
