// Pure: the SQL of the Postgres dialect.
import type { TableId } from "../table-id.ts";

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return text.includes("\\")
    ? `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}

export function tableName(id: TableId): string {
  return `${quoteName(id.schema)}.${quoteName(id.name)}`;
}

const RELATION_KINDS: Readonly<Record<string, string>> = {
  TABLE: "r",
  "PARTITIONED TABLE": "p",
  VIEW: "v",
  "MATERIALIZED VIEW": "m",
  "FOREIGN TABLE": "f",
};

export function tablesQuery(types: readonly string[]): string {
  const kinds = types.map((type) => RELATION_KINDS[type.toUpperCase()]).filter((kind) => kind !== undefined);
  return `SELECT current_database() AS catalog, n.nspname AS schema, c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind::text IN (${kinds.map(quoteText).join(", ") || "''"})
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    ORDER BY 2, 3`;
}

export function columnsQuery(id: TableId): string {
  return `SELECT a.attname AS name, t.typname AS type, t.typtype::text AS kind, a.atttypmod AS modifier,
      NOT a.attnotnull AS nullable,
      (a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%') AS "autoIncrement"
    FROM pg_attribute a
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = to_regclass(${quoteText(tableName(id))}) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum`;
}

/**
 * How far may be read, and who may still add rows before that. `from`: what is read; `where`: the rows after the position.
 *
 * A row may become visible after one with a higher id only when its transaction took its id before, and has not ended.
 * Whoever takes an id for the table holds a lock from before it has the id until its end is visible to others:
 * `nextval` a lock on the sequence, INSERT (also COPY, and one that computes its id from the table) a writer's lock on
 * the table, its partition or its child. Prepared transactions keep their locks. So:
 *
 *   1. this statement's snapshot fixes `upTo`, the newest id: every id up to it has been taken by now;
 *   2. after that (pg_locks is not part of the snapshot, it is read while the statement runs) look who holds such a
 *      lock; whoever does not has ended, and later snapshots see its rows;
 *   3. when those have ended too, a new snapshot sees every row up to `upTo` there will ever be.
 *
 * Only writers of this table are waited for, and only those there at that moment. Bounding by the snapshot's oldest
 * transaction instead would stall behind any long transaction in the database, and would still miss a transaction that
 * has its id but not yet a transaction number (nextval comes first). Not covered: ids taken in an earlier transaction than
 * the insert's own (an application's id blocks, a sequence with CACHE above 1), for which no bound exists.
 */
export function boundQuery(id: TableId, from: string, column: string, where: string): string {
  return `${relationsOf(id)}, ${WRITERS}
    SELECT (SELECT max(${quoteName(column)})::text FROM ${from} WHERE ${where}) AS "upTo",
      CASE WHEN pg_is_in_recovery() THEN ${SNAPSHOT_END} ELSE (SELECT string_agg(writer, ',') FROM writers) END AS writers`;
}

/**
 * Who may still add rows: asked after the clock where rows are ordered by time, and for views and queries, whose tables are not
 * known. A transaction may write its beginning, now(), as the timestamp of a row before it has locked anything, so every
 * transaction running in the database is waited for, found by the lock each has on its own virtual id; whoever begins
 * later has later timestamps and ids. Those of autovacuum, of this connector and of replication write no rows. A
 * timestamp the application takes from its own clock may be older than the transaction: timestamp.delay.interval.ms.
 */
export function runningQuery(id: TableId | null): string {
  return `${relationsOf(id)}, ${PREPARED}
    SELECT CASE WHEN pg_is_in_recovery() THEN ${SNAPSHOT_END} ELSE (SELECT string_agg(writer, ',') FROM (
        SELECT l.virtualtransaction AS writer FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND l.pid <> pg_backend_pid()
          AND a.datname = current_database() AND a.usesysid IS NOT NULL
          AND a.application_name IS DISTINCT FROM '${APPLICATION_NAME}'
          AND a.backend_type IS DISTINCT FROM 'walsender'
        UNION SELECT writer FROM prepared
      ) AS running) END AS writers`;
}

export const APPLICATION_NAME = "millrace-jdbc-source";

/** Nanoseconds since the epoch, as text. */
export const CLOCK = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint::numeric * 1000";

/** Where locks do not show the writers (a replica), every transaction numbered below the snapshot's end is waited for. */
const SNAPSHOT_END = "'xid:' || txid_snapshot_xmax(txid_current_snapshot())";

/** Those of `writers` still there. A transaction prepared meanwhile has changed its id, so all prepared ones count. */
export function unfinishedQuery(id: TableId | null, writers: readonly string[], running: boolean): string {
  const numbered = writers.find((writer) => writer.startsWith("xid:"));
  if (numbered !== undefined) {
    return `SELECT ${quoteText(numbered)} AS writer
      WHERE txid_snapshot_xmin(txid_current_snapshot()) < ${Number(numbered.slice(4))}`;
  }
  const names = writers.map(quoteText).join(", ");
  if (!running) {
    return `${relationsOf(id)}, ${WRITERS} SELECT writer FROM writers WHERE writer IN (${names}) OR writer LIKE '-1/%'`;
  }
  return `${relationsOf(id)}, ${PREPARED}
    SELECT virtualtransaction AS writer FROM pg_locks
    WHERE locktype = 'virtualxid' AND mode = 'ExclusiveLock' AND virtualtransaction IN (${names})
    UNION SELECT writer FROM prepared`;
}

/** `tree`: the table and its descendants; `sequences`: theirs. Both empty for a query. */
function relationsOf(id: TableId | null): string {
  const table = id === null ? "NULL" : quoteText(tableName(id));
  return `WITH RECURSIVE tree(oid) AS (
      SELECT to_regclass(${table})::oid
      UNION
      SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid
    ), sequences AS (
      SELECT d.objid AS oid FROM tree JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = tree.oid
        JOIN pg_class s ON s.oid = d.objid AND d.classid = 'pg_class'::regclass AND s.relkind = 'S'
      UNION
      SELECT s.oid FROM tree JOIN pg_attrdef a ON a.adrelid = tree.oid
        JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid
        JOIN pg_class s ON s.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass AND s.relkind = 'S'
    ), locks AS (
      SELECT DISTINCT l.virtualtransaction AS writer, l.relation, l.mode FROM pg_locks l
      WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )`;
}

const WRITING = "mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')";

/** Who holds a writer's lock on the table, its descendants or its sequences; `-1/<number>`: prepared. */
const WRITERS = `writers AS (
      SELECT DISTINCT writer FROM locks
      WHERE relation IN (SELECT oid FROM sequences) OR (relation IN (SELECT oid FROM tree) AND ${WRITING})
    )`;

/** Prepared transactions that wrote to the table; of a view or a query, to any. */
const PREPARED = `prepared AS (
      SELECT DISTINCT writer FROM locks
      WHERE writer LIKE '-1/%' AND ${WRITING} AND (relation IN (SELECT oid FROM tree)
        OR NOT EXISTS (SELECT FROM pg_class c JOIN tree ON c.oid = tree.oid WHERE c.relkind IN ('r', 'p')))
    )`;

/** Whether the table's own locks show who writes to it. */
export function ownLocksQuery(id: TableId): string {
  return `SELECT relkind IN ('r', 'p') AS own FROM pg_class WHERE oid = to_regclass(${quoteText(tableName(id))})`;
}

export function primaryKeyQuery(id: TableId): string {
  return `SELECT a.attname AS name FROM pg_index i
      CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indisprimary AND i.indrelid = to_regclass(${quoteText(tableName(id))}) AND k.place <= i.indnkeyatts
    ORDER BY k.place`;
}

export interface ResultColumn {
  readonly name: string;
  /** 0: an expression. */
  readonly table: number;
  readonly place: number;
  readonly type: number;
  readonly modifier: number;
}

/** The columns of a query's result as `columnsQuery` gives those of a table. */
export function resultColumnsQuery(columns: readonly ResultColumn[]): string {
  const rows = columns.map(
    (each, i) => `(${i}, ${quoteText(each.name)}, ${each.table}, ${each.place}, ${each.type}, ${each.modifier})`,
  );
  return `SELECT r.name, t.typname AS type, t.typtype::text AS kind, r.modifier, NOT coalesce(a.attnotnull, false) AS nullable,
      coalesce(a.attidentity <> '', false) AS "autoIncrement"
    FROM (VALUES ${rows.join(", ")}) AS r(i, name, source, place, type, modifier)
      JOIN pg_type t ON t.oid = r.type
      LEFT JOIN pg_attribute a ON a.attrelid = r.source AND a.attnum = r.place AND r.place > 0
    ORDER BY r.i`;
}
