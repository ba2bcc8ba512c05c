// Pure: the one statement that writes a tick's changes under the lease.
import { type SQL, sql } from "drizzle-orm";
import type { Changes } from "./changes.ts";
import type { WorkItem } from "./model.ts";
import { CONNECTOR_ITSELF, type SchedulerTables } from "./schema.ts";
import type { Lease } from "./store.ts";

/**
 * Every part reads from `held`, so without the lease each touches no row (I7). `for share` keeps another from taking the lease
 * until the statement has ended: after an acquire has returned, no write of the old holder can follow. Returns one row when
 * the lease was held, none otherwise.
 */
export function commitStatement(tables: SchedulerTables, { holder, epoch }: Lease, changes: Changes): SQL {
  const { lease, connector, placement, status, runner, topic } = tables;
  const parts = [
    sql`held as (
      select 1 from ${lease} where id = 1 and epoch = ${epoch}::bigint and holder = ${holder} for share)`,
    ...unlessEmpty(changes.connectors, (rows) =>
      upsert(connector, rows, ["connector"], {
        connector: "text",
        generation: "bigint",
        tasks_version: "bigint",
        task_count_record: "int",
        fenced_generation: "bigint",
      }),
    ),
    ...unlessEmpty(changes.placements, (rows) => upsert(placement, rows, ["connector", "task"], placementColumns)),
    ...unlessEmpty(changes.placementsGone, (rows) => remove(placement, rows)),
    ...unlessEmpty(changes.statuses, (rows) => upsert(status, rows, ["connector", "task"], statusColumns)),
    ...unlessEmpty(changes.statusesGone, (rows) => remove(status, rows)),
    ...unlessEmpty(
      changes.statusesGone.filter(({ task }) => task === null),
      (rows) => sql`delete from ${topic} as old
        using held, jsonb_to_recordset(${toJson(rows)}::text::jsonb) as gone(connector text)
        where old.connector = gone.connector`,
    ),
    ...unlessEmpty(changes.runners, (rows) => upsert(runner, rows, ["runner"], runnerColumns)),
    ...unlessEmpty(changes.runnersGone, (rows) => {
      const gone = JSON.stringify(rows);
      return sql`delete from ${runner} using held where runner in (select jsonb_array_elements_text(${gone}::text::jsonb))`;
    }),
  ];
  const [held, ...writes] = parts;
  const named = writes.map((write, index) => sql`${sql.identifier(`write_${index}`)} as (${write})`);
  return sql`with ${sql.join([held!, ...named], sql`, `)} select 1 from held`;
}

const placementColumns = {
  connector: "text",
  task: "int",
  runner: "text",
  generation: "bigint",
  restart: "int",
  phase: "text",
};

const statusColumns = {
  connector: "text",
  task: "int",
  state: "text",
  runner: "text",
  worker_id: "text",
  version: "text",
  trace: "text",
  generation: "bigint",
  restart: "int",
  restarts: "jsonb",
};

const runnerColumns = { runner: "text", worker_id: "text", hosts: "int", heartbeat_ms: "bigint" };

function unlessEmpty<T>(rows: readonly T[], write: (rows: readonly T[]) => SQL): SQL[] {
  return rows.length === 0 ? [] : [write(rows)];
}

function upsert(
  table: SchedulerTables[keyof SchedulerTables],
  rows: readonly object[],
  key: readonly string[],
  columns: Readonly<Record<string, string>>,
): SQL {
  const names = Object.keys(columns);
  const list = raw(names.join(", "));
  const typed = raw(names.map((name) => `${name} ${columns[name]}`).join(", "));
  const values = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return sql`insert into ${table} (${list})
    select ${raw(names.map((name) => `new.${name}`).join(", "))}
    from held, jsonb_to_recordset(${toJson(rows)}::text::jsonb) as new(${typed})
    on conflict (${raw(key.join(", "))}) do update set ${raw(values.join(", "))}`;
}

function remove(table: SchedulerTables["placement"] | SchedulerTables["status"], items: readonly WorkItem[]): SQL {
  return sql`delete from ${table} as old
    using held, jsonb_to_recordset(${toJson(items)}::text::jsonb) as gone(connector text, task int)
    where old.connector = gone.connector and old.task = gone.task`;
}

/** Field names as columns. */
function toJson(rows: readonly object[]): string {
  const asColumns = (row: object) =>
    Object.fromEntries(Object.entries(row).map(([field, value]) => [toColumn(field), toValue(field, value)]));
  return JSON.stringify(rows.map(asColumns));
}

function toColumn(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function toValue(field: string, value: unknown): unknown {
  if (field === "task") return value ?? CONNECTOR_ITSELF;
  // Postgres holds neither NUL characters nor halves of surrogate pairs; the trace of an error, cut at a length, might.
  if (typeof value === "string") return value.replaceAll("\u0000", "\ufffd").replace(/\p{Surrogate}/gu, "\ufffd");
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toValue(name, each)]));
}

const raw = (text: string): SQL => sql.raw(text);
