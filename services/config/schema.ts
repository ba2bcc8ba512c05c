import type { ConfigMap, SubmittedConfig, TargetState } from "@millrace/protocol";
import { bigint, boolean, integer, jsonb, pgSchema, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** The config service's tables in a cluster's schema. Nobody else reads them. migrations/ makes them. */
export function configTables(schema: string) {
  const cluster = pgSchema(schema);
  return {
    connector: cluster.table("connector", {
      name: text().primaryKey(),
      config: jsonb().$type<SubmittedConfig>().notNull(),
      /** Keys of `config`. */
      passwords: jsonb().$type<string[]>().notNull(),
      version: integer().notNull(),
      targetState: text("target_state").$type<TargetState>().notNull(),
      tasksVersion: integer("tasks_version").notNull(),
      tasksConfigVersion: integer("tasks_config_version").notNull(),
      tasks: jsonb().$type<ConfigMap[]>().notNull(),
      revision: bigint({ mode: "number" }).notNull(),
      deleted: boolean().notNull(),
    }),
    connectorHistory: cluster.table(
      "connector_history",
      {
        name: text().notNull(),
        version: integer().notNull(),
        config: jsonb().$type<SubmittedConfig>().notNull(),
        /** Keys of `config`. */
        passwords: jsonb().$type<string[]>().notNull(),
        author: text(),
        at: timestamp({ withTimezone: true, mode: "date" }).notNull(),
      },
      (table) => [primaryKey({ columns: [table.name, table.version] })],
    ),
    /** One row, locked by every write. */
    configRevision: cluster.table("config_revision", {
      one: boolean().primaryKey(),
      revision: bigint({ mode: "number" }).notNull(),
    }),
  };
}

export type ConfigTables = ReturnType<typeof configTables>;
