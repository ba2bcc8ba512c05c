// Pure: the SQL of the Postgres dialect.
import type { Slice } from "../dialect.ts";
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

/** Numbers are safe to write out: they were read as numbers. */
export function sliceQuery(selectFrom: string, { column, after, upTo, rowsMax }: Slice): string {
  const name = quoteName(column);
  const bound = upTo === null ? "" : ` AND ${name} <= ${upTo}`;
  return `${selectFrom} WHERE ${name} > ${after}${bound} ORDER BY ${name} ASC LIMIT ${rowsMax}`;
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
 * The newest value and who may still add rows below it.
 *
 * A row may become visible after one with a higher id only when its transaction took its id before, and has not ended.
 * Whoever takes an id for the table holds a lock from before it has the id until its end is visible to others:
 * `nextval` a lock on the sequence, INSERT (also COPY, and one that computes its id from the table) a writer's lock on
 * the table, its partition or its child. Prepared transactions keep their locks. So:
 *
 *   1. this statement's snapshot fixes `newest`: every id up to it has been taken by now;
 *   2. after that (pg_locks is not part of the snapshot, it is read while the statement runs) look who holds such a
 *      lock; whoever does not has ended, and later snapshots see its rows;
 *   3. when those have ended too, a new snapshot sees every row up to `newest` there will ever be.
 *
 * Only writers of this table are waited for, and only those there at that moment. Bounding by the snapshot's oldest
 * transaction instead would stall behind any long transaction in the database, and would still miss a transaction that
 * has its id but not yet a transaction number (nextval comes first). Not covered: ids taken in an earlier transaction than
 * the insert's own (an application's id blocks, a sequence with CACHE above 1), for which no bound exists.
 *
 * Where locks do not show the writers (a replica, a view), every transaction with a number below the snapshot's end is
 * waited for: `xid:<end>`.
 */
export function boundQuery(id: TableId, column: string): string {
  return `${locksOf(id)}
    SELECT (SELECT max(${quoteName(column)})::text FROM ${tableName(id)}) AS newest,
      CASE WHEN pg_is_in_recovery()
        OR (SELECT relkind NOT IN ('r', 'p') FROM pg_class WHERE oid = to_regclass(${quoteText(tableName(id))}))
        THEN 'xid:' || txid_snapshot_xmax(txid_current_snapshot())
        ELSE (SELECT string_agg(writer, ',') FROM writers)
      END AS writers`;
}

/** Those of `writers` still there. A transaction prepared meanwhile has changed its id, so all prepared ones count. */
export function unfinishedQuery(id: TableId, writers: readonly string[]): string {
  const numbered = writers.find((writer) => writer.startsWith("xid:"));
  if (numbered !== undefined) {
    return `SELECT ${quoteText(numbered)} AS writer
      WHERE txid_snapshot_xmin(txid_current_snapshot()) < ${Number(numbered.slice(4))}`;
  }
  const names = writers.map(quoteText).join(", ");
  return `${locksOf(id)} SELECT writer FROM writers WHERE writer IN (${names}) OR writer LIKE '-1/%'`;
}

/** `writers`: who holds a writer's lock on the table, its descendants or its sequences; `-1/<number>`: prepared. */
function locksOf(id: TableId): string {
  return `WITH RECURSIVE tree(oid) AS (
      SELECT to_regclass(${quoteText(tableName(id))})::oid
      UNION
      SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid
    ), sequences AS (
      SELECT d.objid AS oid FROM tree JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = tree.oid
        JOIN pg_class s ON s.oid = d.objid AND d.classid = 'pg_class'::regclass AND s.relkind = 'S'
      UNION
      SELECT s.oid FROM tree JOIN pg_attrdef a ON a.adrelid = tree.oid
        JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid
        JOIN pg_class s ON s.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass AND s.relkind = 'S'
    ), writers AS (
      SELECT DISTINCT l.virtualtransaction AS writer FROM pg_locks l
      WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.relation IN (SELECT oid FROM sequences) OR (l.relation IN (SELECT oid FROM tree)
          AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')))
    )`;
}
