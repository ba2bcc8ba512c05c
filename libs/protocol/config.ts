// Pure: conversations with the config service, the owner of desired state.
import * as z from "zod";
import { defineEvent, defineRequest } from "./subjects.ts";

/** Raw values as the user wrote them, `${provider:path:key}` unresolved (I9). */
export const configMap = z.record(z.string(), z.string());
export type ConfigMap = z.infer<typeof configMap>;

/** As submitted. Connect keeps a null value for a key of the connector's own and refuses it for any other. */
export const submittedConfig = z.record(z.string(), z.string().nullable());
export type SubmittedConfig = z.infer<typeof submittedConfig>;

/** What the connector itself gets: null is the same as not there. */
export function definedConfig(config: SubmittedConfig): ConfigMap {
  return Object.fromEntries(Object.entries(config).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Shown in place of a password; written, it stands for the stored one. */
export const PASSWORD_MASK = "[hidden]";

export const targetState = z.enum(["STARTED", "PAUSED", "STOPPED"]);
export type TargetState = z.infer<typeof targetState>;

export const connectorRecord = z.object({
  name: z.string(),
  config: submittedConfig,
  /** Keys of the config whose values are passwords, by the definitions of connector, converters and clients. */
  passwords: z.array(z.string()).default([]),
  /** Raised by one with every accepted config write of this name and when it leaves STOPPED; goes on after delete and re-create. */
  version: z.int(),
  targetState,
  tasks: z.object({
    /** Raised by one with every accepted set of task configs; goes on after delete and re-create. 0: none yet. */
    version: z.int(),
    /** The config version that the task configs were made from. */
    configVersion: z.int(),
    configs: z.array(configMap),
  }),
  /** The store's revision when this record last changed. */
  revision: z.int(),
});
export type ConnectorRecord = z.infer<typeof connectorRecord>;

/** Creates or replaces a connector. Validated on a runner first. Durable when answered (I10). */
export const connectorPut = defineRequest(
  "config.connector.put",
  z.object({
    name: z.string(),
    config: submittedConfig,
    /** true: ALREADY_EXISTS when there is one. */
    createOnly: z.boolean(),
    initialTargetState: targetState.optional(),
    /** From read to write (PATCH): CONFLICT unless the connector is still at this config version, NOT_FOUND when it is gone. */
    expectedVersion: z.int().optional(),
  }),
  z.object({ created: z.boolean(), connector: connectorRecord }),
);

export const connectorDelete = defineRequest(
  "config.connector.delete",
  z.object({ name: z.string() }),
  z.object({ revision: z.int() }),
);

/** STOPPED also empties the task configs. */
export const connectorTargetState = defineRequest(
  "config.connector.target-state",
  z.object({ name: z.string(), targetState }),
  z.object({ connector: connectorRecord }),
);

export const connectorGet = defineRequest(
  "config.connector.get",
  z.object({ name: z.string() }),
  z.object({ connector: connectorRecord }),
);

/** One accepted config write, as it was sent. */
export const configVersion = z.object({
  version: z.int(),
  config: submittedConfig,
  /** Keys of the config that are passwords. */
  passwords: z.array(z.string()),
  /** Who wrote it; null while nobody is asked. */
  author: z.string().nullable(),
  atMs: z.number(),
});
export type ConfigVersion = z.infer<typeof configVersion>;

/** Newest first, from below `beforeVersion`, at most `limit` and about 500 kB. Outlives the connector; empty when there never was one. */
export const connectorHistory = defineRequest(
  "config.connector.history",
  z.object({ name: z.string(), beforeVersion: z.int().nullable(), limit: z.int().min(1).max(100) }),
  z.object({ versions: z.array(configVersion), more: z.boolean() }),
);

/**
 * Writes an earlier config again, as a new version, passwords included; a deleted connector comes back. Validated and answered
 * as `config.connector.put`. NOT_FOUND when that version is not there.
 */
export const connectorRollback = defineRequest(
  "config.connector.rollback",
  z.object({ name: z.string(), version: z.int() }),
  z.object({ created: z.boolean(), connector: connectorRecord }),
);

/**
 * Task configs made by a running connector. CONFLICT when `configVersion` is no longer current or the connector is STOPPED;
 * answered with `changed: false` when they equal the stored ones and were made from the same config version.
 */
export const tasksPut = defineRequest(
  "config.tasks.put",
  z.object({ name: z.string(), configVersion: z.int(), configs: z.array(configMap) }),
  z.object({ changed: z.boolean(), tasksVersion: z.int() }),
);

/** Everything that changed after `sinceRevision`, oldest first, in pages of at most about 500 kB. 0 reads all. */
export const configChanges = defineRequest(
  "config.changes",
  z.object({ sinceRevision: z.int() }),
  z.object({
    connectors: z.array(connectorRecord),
    /** Names deleted after `sinceRevision` and not re-created. */
    deleted: z.array(z.string()),
    /** Ask again from here. */
    revision: z.int(),
    more: z.boolean(),
  }),
);

export const configChanged = defineEvent("config.changed", z.object({ revision: z.int() }));
