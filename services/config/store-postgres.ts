import { failPoint } from "@millrace/fail-points";
import { migrate, type Postgres, statements } from "@millrace/postgres";
import { type ConnectorRecord, isProtocolError, ProtocolError } from "@millrace/protocol";
import { and, asc, desc, eq, gt, lt, lte, or, sql } from "drizzle-orm";
import { type Command, decide, toRecord } from "./decide.ts";
import { configMigrations } from "./migrations/mod.ts";
import { toPage } from "./page.ts";
import { type ConfigTables, configTables } from "./schema.ts";
import {
  type Applied,
  type ChangesPage,
  type CleanUp,
  type ConfigStore,
  cleanUpsMax,
  type HistoryEntry,
  historyVersionsMax,
  pageBytesMax,
  type StoredConnector,
  wholeHistory,
} from "./store.ts";
import { Turns } from "./turns.ts";

const pageRowsMax = 1000;
/** A replica that loses so many races in a row is up against something else than its equals. */
const attemptsMax = 50;

/**
 * Desired state in Postgres, shared by every replica of the config service.
 * @param schema from `schemaName(groupId)`; made and migrated here.
 */
export async function openPostgresStore(postgres: Postgres, schema: string): Promise<ConfigStore> {
  await migrate(postgres.sql, { schema, service: "config", migrations: configMigrations });
  return new PostgresStore(postgres, configTables(schema));
}

class PostgresStore implements ConfigStore {
  readonly #postgres: Postgres;
  readonly #tables: ConfigTables;
  readonly #turns = new Turns();

  constructor(postgres: Postgres, tables: ConfigTables) {
    this.#postgres = postgres;
    this.#tables = tables;
  }

  get(name: string): Promise<ConnectorRecord | null> {
    const { connector } = this.#tables;
    return reading(async () => {
      const rows = await this.#postgres.db
        .select()
        .from(connector)
        .where(and(eq(connector.name, name), eq(connector.deleted, false)));
      return rows[0] ? toRecord(toStored(rows[0])) : null;
    });
  }

  /**
   * The counter and the rows in one statement, so of one snapshot: a row beyond the counter, or a counter beyond a row not
   * yet visible, would be skipped.
   */
  changes(sinceRevision: number): Promise<ChangesPage> {
    const { connector, configRevision } = this.#tables;
    const { db } = this.#postgres;
    const size = sql`octet_length(${connector.config}::text) + octet_length(${connector.tasks}::text) + octet_length(${connector.name}) + 200`;
    const sized = db
      .select({
        revision: connector.revision,
        size: sql<number>`${size}`.as("size"),
        sizeTo: sql<number>`sum(${size}) over (order by ${connector.revision})`.as("size_to"),
      })
      .from(connector)
      .where(gt(connector.revision, sinceRevision))
      .orderBy(asc(connector.revision))
      .limit(pageRowsMax)
      .as("sized");
    const fits = or(lte(sized.sizeTo, pageBytesMax), eq(sized.sizeTo, sized.size));
    return reading(async () => {
      const rows = await db
        .select({ storeRevision: configRevision.revision, connector })
        .from(configRevision)
        .leftJoin(sized, fits)
        .leftJoin(connector, eq(connector.revision, sized.revision))
        .orderBy(asc(connector.revision));
      const connectors = rows.flatMap((row) => (row.connector ? [toStored(row.connector)] : []));
      return toPage(connectors, rows[0]!.storeRevision);
    });
  }

  cleanUps(): Promise<CleanUp[]> {
    const { connector } = this.#tables;
    const kept = sql`${connector.config} <> '{}'::jsonb`;
    return reading(() =>
      this.#postgres.db
        .select({ name: connector.name, version: connector.version, config: connector.config })
        .from(connector)
        .where(and(eq(connector.deleted, true), kept))
        .orderBy(asc(connector.revision))
        .limit(cleanUpsMax),
    );
  }

  history(name: string, { beforeVersion, limit } = wholeHistory()): Promise<HistoryEntry[]> {
    const { connectorHistory } = this.#tables;
    const older = beforeVersion === null ? undefined : lt(connectorHistory.version, beforeVersion);
    return reading(async () => {
      const rows = await this.#postgres.db
        .select()
        .from(connectorHistory)
        .where(and(eq(connectorHistory.name, name), older))
        .orderBy(desc(connectorHistory.version))
        .limit(limit);
      return rows.map(({ at, ...row }) => ({ ...row, atMs: at.getTime() }));
    });
  }

  /**
   * Decides on what it reads, then writes on condition that nothing has changed since; otherwise begins again. Writers of
   * this process take turns, so only other replicas can come in between.
   *
   * One statement each, no transaction held open across messages: postgres.js 3.4 ends the process when the connection of
   * an open transaction is cut, or runs what is left of it in another transaction (porsager/postgres#1208, #1216).
   */
  apply(command: Command, atMs: number): Promise<Applied> {
    return this.#turns.take(() =>
      writing(async () => {
        for (let attempt = 1; attempt <= attemptsMax; attempt++) {
          const { revision, current } = await this.#read(command.name);
          const decision = decide(current, command, { revision: revision + 1, atMs });
          if (decision.kind === "refuse") throw decision.error;
          const { connector } = decision;
          if (decision.kind === "keep") return { changed: false, created: false, connector };
          const { created, history } = decision;
          failPoint("config.write.before");
          if (await this.#write(connector, history)) return { changed: true, created, connector };
        }
        const text = `Other replicas wrote to the config database ${attemptsMax} times before connector ${command.name} could be; nothing was stored, try again`;
        throw new ProtocolError("UNAVAILABLE", text);
      }),
    );
  }

  #read(name: string): Promise<{ revision: number; current: StoredConnector | null }> {
    const { connector, configRevision } = this.#tables;
    return reading(async () => {
      const [row] = await this.#postgres.db
        .select({ revision: configRevision.revision, connector })
        .from(configRevision)
        .leftJoin(connector, eq(connector.name, name));
      return { revision: row!.revision, current: row!.connector && toStored(row!.connector) };
    });
  }

  /**
   * The counter's row is locked to the end of the statement. A writer that waits for it finds another revision than it
   * expected and stores nothing; so revision n + 1 is decided on, and becomes visible, after n.
   * @returns false when the store is no longer at the revision before.
   */
  async #write(next: StoredConnector, history: HistoryEntry | null): Promise<boolean> {
    const { connector: c, connectorHistory: h, configRevision } = this.#tables;
    const historyWrites =
      history === null
        ? sql``
        : sql`, remembered as (
            insert into ${h} (name, version, config, passwords, author, at)
            select ${history.name}::text, ${history.version}::int, ${sql.param(history.config, h.config)}::jsonb,
              ${sql.param(history.passwords, h.passwords)}::jsonb, ${history.author}::text, ${sql.param(new Date(history.atMs), h.at)}::timestamptz
            from turn
          ), forgotten as (
            delete from ${h} using turn
            where ${h.name} = ${history.name} and ${h.version} <= ${history.version - historyVersionsMax}
          )`;
    const rows = await this.#postgres.db.execute(sql`
      with turn as (
        update ${configRevision} set revision = ${next.revision} where revision = ${next.revision - 1} returning 1
      ), stored as (
        insert into ${c} (name, config, passwords, version, target_state, tasks_version, tasks_config_version, tasks, revision, deleted)
        select ${next.name}::text, ${sql.param(next.config, c.config)}::jsonb,
          ${sql.param(next.passwords, c.passwords)}::jsonb, ${next.version}::int, ${next.targetState}::text,
          ${next.tasks.version}::int, ${next.tasks.configVersion}::int, ${sql.param(next.tasks.configs, c.tasks)}::jsonb,
          ${next.revision}::bigint, ${next.deleted}::boolean
        from turn
        on conflict (name) do update set
          config = excluded.config, passwords = excluded.passwords, version = excluded.version,
          target_state = excluded.target_state,
          tasks_version = excluded.tasks_version, tasks_config_version = excluded.tasks_config_version,
          tasks = excluded.tasks, revision = excluded.revision, deleted = excluded.deleted
      )${historyWrites}
      select 1 from turn`);
    return rows.length === 1;
  }

  close(): Promise<void> {
    return this.#postgres.close();
  }
}

type ConnectorRow = ConfigTables["connector"]["$inferSelect"];

function toStored({ tasksVersion, tasksConfigVersion, tasks, ...row }: ConnectorRow): StoredConnector {
  return { ...row, tasks: { version: tasksVersion, configVersion: tasksConfigVersion, configs: tasks } };
}

const { reading, writing } = statements({
  of: "config",
  fail: ({ message, isPassing, cause }) =>
    new ProtocolError(isPassing ? "UNAVAILABLE" : "INTERNAL", message, { cause }),
  isForeseen: isProtocolError,
});
