import type { Sql } from "postgres";

/** `sql` names its tables without schema and may hold several statements. A published one is never changed. */
export interface Migration {
  readonly id: string;
  readonly sql: string;
}

export class MigrationError extends Error {
  readonly code = "MIGRATION_MISMATCH";
  readonly retriable = false;

  constructor(message: string) {
    super(message);
    this.name = "MigrationError";
  }
}

export interface MigrateOptions {
  /** From `schemaName`; created when missing. */
  readonly schema: string;
  /** Whose migrations: the table `<schema>.<service>_migration` remembers what has run. */
  readonly service: string;
  /** In the order in which they run. */
  readonly migrations: readonly Migration[];
}

/**
 * Runs what has not run yet, all in one transaction, and returns the ids that ran. Any number of processes may call it at
 * once: an advisory lock per schema lets one work while the others wait (60 s at most) and then find nothing to do.
 * A database that is ahead of this code (an older replica during an upgrade) is accepted.
 */
export function migrate(sql: Sql, options: MigrateOptions): Promise<string[]> {
  const { schema, service, migrations } = options;
  const table = `${service}_migration`;
  return sql.begin(async (tx) => {
    await tx`set local lock_timeout = '60s'`;
    await tx`select pg_advisory_xact_lock(hashtextextended(${`millrace.migrate.${schema}`}, 0))`;
    // Not `if not exists`: that asks for the right to create schemas even when there is nothing to create.
    const [found] = await tx`select 1 from pg_namespace where nspname = ${schema}`;
    if (!found) await tx`create schema ${tx(schema)}`;
    await tx`select set_config('search_path', quote_ident(${schema}), true)`;
    await tx`create table if not exists ${tx(table)} (
      position int primary key, id text not null unique, at timestamptz not null default now())`;
    const applied = await tx<{ id: string }[]>`select id from ${tx(table)} order by position`;
    for (const [position, { id }] of applied.slice(0, migrations.length).entries()) {
      const expected = migrations[position]?.id;
      if (id !== expected) {
        throw new MigrationError(
          `Schema ${schema} has run migration "${id}" of ${service} where this version has "${expected}"; ` +
            "run the version of Millrace that made this schema, or point this one at another database",
        );
      }
    }
    const pending = migrations.slice(applied.length);
    for (const [index, { id, sql: statements }] of pending.entries()) {
      await tx.unsafe(statements).simple();
      await tx`insert into ${tx(table)} (position, id) values (${applied.length + index}, ${id})`;
    }
    return pending.map(({ id }) => id);
  }) as Promise<string[]>;
}
