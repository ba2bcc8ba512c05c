import type { Bus, Subscription } from "@millrace/bus";
import { failPoint } from "@millrace/fail-points";
import {
  configChanged,
  configChanges,
  connectorDelete,
  connectorGet,
  connectorHistory,
  connectorPut,
  connectorRollback,
  connectorTargetState,
  ProtocolError,
  tasksPut,
} from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import type * as z from "zod";
import { CleanUps, type CleanUpsLogger } from "./clean-ups.ts";
import { type Command, isStorable } from "./decide.ts";
import { historyPage, wantedVersion } from "./history.ts";
import type { Applied, ConfigStore } from "./store.ts";
import { holdsMask, withStoredPasswords } from "./stored-passwords.ts";
import { validate } from "./validate.ts";

export interface ConfigDeps {
  readonly bus: Bus;
  /** Stays the caller's to close, after `stop`. */
  readonly store: ConfigStore;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs" | "sleep">;
  readonly logger: CleanUpsLogger;
}

export interface ConfigService {
  /** Resolves once requests are answered. */
  start(): Promise<void>;
  /** Takes no more requests, gives up validations, and resolves when what is under way is answered. */
  stop(): Promise<void>;
}

/**
 * The owner of desired state. Any number may run on one store: each request is answered by one of them, and the store makes
 * writers take turns. A write is answered after it is durable (I10); then `config.changed` says so to whoever listens.
 */
export function createConfig(deps: ConfigDeps): ConfigService {
  const { bus, store } = deps;
  const stopping = new AbortController();
  const cleanUps = new CleanUps(deps);
  let subscriptions: Subscription[] = [];
  return {
    async start() {
      subscriptions = await Promise.all([
        bus.respond(connectorPut, (message) => put(deps, message, stopping.signal)),
        bus.respond(connectorDelete, async ({ name }) => {
          const { connector } = await write(deps, { kind: "delete", name });
          cleanUps.deleted(name);
          return { revision: connector.revision };
        }),
        bus.respond(connectorTargetState, async ({ name, targetState }) => {
          const { connector } = await write(deps, { kind: "target-state", name, targetState });
          return { connector };
        }),
        bus.respond(tasksPut, async ({ name, configVersion, configs }) => {
          const { changed, connector } = await write(deps, { kind: "tasks", name, configVersion, configs });
          return { changed, tasksVersion: connector.tasks.version };
        }),
        bus.respond(connectorGet, async ({ name }) => {
          const connector = isStorable(name) ? await store.get(name) : null;
          if (!connector) throw new ProtocolError("NOT_FOUND", `Connector ${name} not found`);
          return { connector };
        }),
        bus.respond(connectorHistory, async ({ name, beforeVersion, limit }) => {
          const entries = isStorable(name) ? await store.history(name, { beforeVersion, limit: limit + 1 }) : [];
          return historyPage(entries, limit);
        }),
        bus.respond(connectorRollback, (message) => rollBack(deps, message, stopping.signal)),
        bus.respond(configChanges, ({ sinceRevision }) => {
          failPoint("config.changes.before");
          return store.changes(sinceRevision);
        }),
      ]);
      cleanUps.start();
    },
    async stop() {
      stopping.abort(
        new ProtocolError("UNAVAILABLE", "The config service is shutting down, the configuration was not stored"),
      );
      await Promise.all([cleanUps.stop(), ...subscriptions.map((subscription) => subscription.close())]);
    },
  };
}

/** Written as if it were sent again: what was valid then may not be now. */
async function rollBack(
  deps: ConfigDeps,
  { name, version }: z.infer<typeof connectorRollback.request>,
  signal: AbortSignal,
) {
  checkName(name);
  const [entry] = await deps.store.history(name, { beforeVersion: version + 1, limit: 1 });
  const { config } = wantedVersion(entry, name, version);
  const passwords = await validate(deps.bus, config, signal);
  const { created, connector } = await write(deps, {
    kind: "put",
    name,
    config,
    passwords,
    createOnly: false,
    initialTargetState: null,
    expectedVersion: null,
    author: null,
  });
  return { created, connector };
}

type PutRequest = z.infer<typeof connectorPut.request>;

/** Validation holds no lock and sees no state: whatever it allows is decided on the state after it. */
async function put(deps: ConfigDeps, request: PutRequest, signal: AbortSignal) {
  const { name, createOnly } = request;
  failPoint("config.put.before");
  const stored = holdsMask(request.config) ? await deps.store.get(name) : null;
  const config = withStoredPasswords({ ...request.config, name }, stored);
  const passwords = await validate(deps.bus, config, signal);
  failPoint("config.validate.after");
  const { created, connector } = await write(deps, {
    kind: "put",
    name,
    config,
    passwords,
    createOnly,
    initialTargetState: request.initialTargetState ?? null,
    // What was filled in must still be what is stored.
    expectedVersion: request.expectedVersion ?? stored?.version ?? null,
    author: null,
  });
  return { created, connector };
}

async function write(deps: ConfigDeps, command: Command): Promise<Applied> {
  checkName(command.name);
  const applied = await deps.store.apply(command, deps.clock.nowMs());
  const { revision, version, targetState, tasks } = applied.connector;
  if (applied.changed) {
    failPoint("config.write.after");
    deps.bus.publish(configChanged, { revision });
    failPoint("config.publish.after");
    deps.logger.info(`Stored ${command.kind} of connector ${command.name}`, {
      revision,
      configVersion: version,
      targetState,
      tasksVersion: tasks.version,
      tasks: tasks.configs.length,
    });
  }
  return applied;
}

/** A key of the store's index must fit in a third of a page. */
const nameBytesMax = 1024;

function checkName(name: string): void {
  if (!isStorable(name) || new TextEncoder().encode(name).length > nameBytesMax) {
    throw new ProtocolError(
      "INVALID",
      `A connector name has at most ${nameBytesMax} bytes, no NUL character and no half of a surrogate pair`,
    );
  }
}
