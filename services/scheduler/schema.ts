import type { Restarts, WorkState } from "@millrace/protocol";
import { bigint, integer, jsonb, pgSchema, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import type { Placement } from "./model.ts";

/** A connector itself is kept as task -1, because a primary key takes no null. */
export const CONNECTOR_ITSELF = -1;

const whole = (name: string) => bigint(name, { mode: "number" }).notNull();

/** The scheduler's tables in one cluster's Postgres schema. Made by migrations.ts. */
export function schedulerTables(schema: string) {
  const own = pgSchema(schema);
  return {
    /** One row. Whoever changes `epoch` ends the writes of everyone with an older one (I7). */
    lease: own.table("scheduler_lease", {
      id: integer("id").primaryKey(),
      holder: text("holder").notNull(),
      epoch: whole("epoch"),
      /** On the database's clock. */
      expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
    }),
    connector: own.table("scheduler_connector", {
      connector: text("connector").primaryKey(),
      generation: whole("generation"),
      tasksVersion: whole("tasks_version"),
      taskCountRecord: integer("task_count_record"),
      fencedGeneration: whole("fenced_generation"),
    }),
    placement: own.table(
      "scheduler_placement",
      {
        connector: text("connector").notNull(),
        task: integer("task").notNull(),
        runner: text("runner").notNull(),
        generation: whole("generation"),
        restart: integer("restart").notNull(),
        phase: text("phase").$type<Placement["phase"]>().notNull(),
      },
      (table) => [primaryKey({ columns: [table.connector, table.task] })],
    ),
    status: own.table(
      "scheduler_status",
      {
        connector: text("connector").notNull(),
        task: integer("task").notNull(),
        state: text("state").$type<WorkState>().notNull(),
        runner: text("runner").notNull(),
        workerId: text("worker_id").notNull(),
        version: text("version"),
        trace: text("trace"),
        generation: whole("generation"),
        restart: integer("restart").notNull(),
        restarts: jsonb("restarts").$type<Restarts>(),
      },
      (table) => [primaryKey({ columns: [table.connector, table.task] })],
    ),
    /** Which topics a connector's tasks have used. */
    topic: own.table(
      "scheduler_topic",
      { connector: text("connector").notNull(), topic: text("topic").notNull() },
      (table) => [primaryKey({ columns: [table.connector, table.topic] })],
    ),
    runner: own.table("scheduler_runner", {
      runner: text("runner").primaryKey(),
      workerId: text("worker_id").notNull(),
      hosts: integer("hosts").notNull(),
      heartbeatMs: whole("heartbeat_ms"),
    }),
  };
}

export type SchedulerTables = ReturnType<typeof schedulerTables>;
