import type { Migration } from "@millrace/postgres";

/** A published one is never changed; a new one is appended. Columns are described in schema.ts. */
export const migrations: readonly Migration[] = [
  {
    id: "0001-scheduler",
    sql: `
      create table scheduler_lease (
        id int primary key check (id = 1),
        holder text not null,
        epoch bigint not null,
        expires_at timestamptz not null
      );
      create table scheduler_connector (
        connector text collate "C" primary key,
        generation bigint not null,
        tasks_version bigint not null,
        task_count_record int,
        fenced_generation bigint not null
      );
      create table scheduler_placement (
        connector text collate "C" not null,
        task int not null,
        runner text not null,
        generation bigint not null,
        restart int not null,
        phase text not null check (phase in ('assigned', 'releasing')),
        primary key (connector, task)
      );
      create table scheduler_status (
        connector text collate "C" not null,
        task int not null,
        state text not null,
        runner text not null,
        worker_id text not null,
        version text,
        trace text,
        generation bigint not null,
        restart int not null,
        primary key (connector, task)
      );
      create table scheduler_runner (
        runner text primary key,
        worker_id text not null,
        hosts int not null,
        heartbeat_ms bigint not null
      );`,
  },
  {
    id: "0002-topics",
    sql: `
      create table scheduler_topic (
        connector text collate "C" not null,
        topic text not null,
        primary key (connector, topic)
      );`,
  },
  {
    id: "0003-restarts",
    sql: "alter table scheduler_status add column restarts jsonb;",
  },
];
