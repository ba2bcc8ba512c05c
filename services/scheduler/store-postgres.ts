import { migrate, type Postgres, statements } from "@millrace/postgres";
import { isProtocolError, ProtocolError } from "@millrace/protocol";
import { and, eq, gt, inArray, sql } from "drizzle-orm";
import type { Changes } from "./changes.ts";
import { commitStatement } from "./commit-sql.ts";
import { migrations } from "./migrations.ts";
import { type Placement, type SchedulerState, type Status, type WorkItem, workKey } from "./model.ts";
import { CONNECTOR_ITSELF, type SchedulerTables, schedulerTables } from "./schema.ts";
import type { Lease, SchedulerStore } from "./store.ts";

/** Brings the tables up to date first. `close` closes the connections. @param schema from `schemaName(groupId)`. */
export async function openPostgresStore(postgres: Postgres, schema: string): Promise<SchedulerStore> {
  await migrate(postgres.sql, { schema, service: "scheduler", migrations });
  return telling(new PostgresStore(postgres, schedulerTables(schema)));
}

const { reading, writing } = statements({
  of: "scheduler",
  fail: ({ message, isPassing, cause }) =>
    new ProtocolError(isPassing ? "UNAVAILABLE" : "INTERNAL", message, { cause }),
  isForeseen: isProtocolError,
});

/** Its failures as whoever asked the scheduler may be told of them. */
function telling(store: SchedulerStore): SchedulerStore {
  return {
    acquire: (holder, leaseMs) => writing(() => store.acquire(holder, leaseMs)),
    renew: (lease, leaseMs) => writing(() => store.renew(lease, leaseMs)),
    release: (lease) => writing(() => store.release(lease)),
    holds: (lease) => reading(() => store.holds(lease)),
    load: () => reading(() => store.load()),
    commit: (lease, changes) => writing(() => store.commit(lease, changes)),
    statusesOf: (connector) => reading(() => store.statusesOf(connector)),
    statusesAfter: (after, connectorsMax) => reading(() => store.statusesAfter(after, connectorsMax)),
    addTopics: (connector, topics) => writing(() => store.addTopics(connector, topics)),
    topicsOf: (connector) => reading(() => store.topicsOf(connector)),
    removeTopics: (connector) => writing(() => store.removeTopics(connector)),
    close: () => store.close(),
  };
}

class PostgresStore implements SchedulerStore {
  readonly #postgres: Postgres;
  readonly #tables: SchedulerTables;

  constructor(postgres: Postgres, tables: SchedulerTables) {
    this.#postgres = postgres;
    this.#tables = tables;
  }

  async acquire(holder: string, leaseMs: number): Promise<Lease | null> {
    const rows = await this.#postgres.db.execute<{ epoch: string }>(sql`
      insert into ${this.#tables.lease} as held (id, holder, epoch, expires_at)
      values (1, ${holder}, 1, ${fromNow(leaseMs)})
      on conflict (id) do update
        set holder = excluded.holder, epoch = held.epoch + 1, expires_at = ${fromNow(leaseMs)}
        where held.expires_at <= clock_timestamp()
      returning epoch`);
    const [row] = rows;
    return row ? { holder, epoch: Number(row.epoch) } : null;
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    const { lease: table } = this.#tables;
    const rows = await this.#postgres.db
      .update(table)
      .set({ expiresAt: fromNow(leaseMs) })
      .where(this.#isHeld(lease))
      .returning({ id: table.id });
    return rows.length === 1;
  }

  async release(lease: Lease): Promise<void> {
    await this.#postgres.db
      .update(this.#tables.lease)
      .set({ expiresAt: sql`clock_timestamp()` })
      .where(this.#isHeld(lease));
  }

  async holds(lease: Lease): Promise<boolean> {
    const { lease: table } = this.#tables;
    const rows = await this.#postgres.db.select({ id: table.id }).from(table).where(this.#isHeld(lease));
    return rows.length === 1;
  }

  async load(): Promise<SchedulerState> {
    const { db } = this.#postgres;
    const [connectors, placements, statuses, runners] = await Promise.all([
      db.select().from(this.#tables.connector),
      db.select().from(this.#tables.placement),
      db.select().from(this.#tables.status),
      db.select().from(this.#tables.runner),
    ]);
    return {
      connectors: new Map(connectors.map((state) => [state.connector, state])),
      placements: new Map(placements.map(toItem).map((placement: Placement) => [workKey(placement), placement])),
      statuses: new Map(statuses.map(toItem).map((status: Status) => [workKey(status), status])),
      runners: new Map(runners.map((row) => [row.runner, row])),
    };
  }

  async commit(lease: Lease, changes: Changes): Promise<boolean> {
    const rows = await this.#postgres.db.execute(commitStatement(this.#tables, lease, changes));
    return rows.length === 1;
  }

  async statusesOf(connector: string): Promise<readonly Status[]> {
    const { status } = this.#tables;
    const rows = await this.#postgres.db.select().from(status).where(eq(status.connector, connector));
    return rows.map(toItem);
  }

  async statusesAfter(after: string | null, connectorsMax: number): Promise<readonly Status[]> {
    const { db } = this.#postgres;
    const { status } = this.#tables;
    const names = db
      .selectDistinct({ connector: status.connector })
      .from(status)
      .where(after === null ? undefined : gt(status.connector, after))
      .orderBy(status.connector)
      .limit(connectorsMax);
    const rows = await db
      .select()
      .from(status)
      .where(inArray(status.connector, names))
      .orderBy(status.connector, status.task);
    return rows.map(toItem);
  }

  async addTopics(connector: string, topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    const rows = topics.map((topic) => ({ connector, topic }));
    await this.#postgres.db.insert(this.#tables.topic).values(rows).onConflictDoNothing();
  }

  async topicsOf(connector: string): Promise<readonly string[]> {
    const { topic } = this.#tables;
    const rows = await this.#postgres.db.select().from(topic).where(eq(topic.connector, connector));
    return rows.map((row) => row.topic);
  }

  async removeTopics(connector: string): Promise<void> {
    const { topic } = this.#tables;
    await this.#postgres.db.delete(topic).where(eq(topic.connector, connector));
  }

  close(): Promise<void> {
    return this.#postgres.close();
  }

  #isHeld({ holder, epoch }: Lease) {
    const { lease } = this.#tables;
    return and(eq(lease.id, 1), eq(lease.epoch, epoch), eq(lease.holder, holder));
  }
}

/** On the database's clock (I11). */
function fromNow(leaseMs: number) {
  return sql`clock_timestamp() + ${leaseMs}::int * interval '1 millisecond'`;
}

function toItem<Row extends { readonly task: number }>(row: Row): Omit<Row, "task"> & WorkItem {
  const { task, ...rest } = row;
  return { ...rest, task: task === CONNECTOR_ITSELF ? null : task } as Omit<Row, "task"> & WorkItem;
}
