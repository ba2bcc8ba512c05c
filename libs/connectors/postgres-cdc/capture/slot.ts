import { ConfigError, ConnectError, type Logger, type PluginContext, RetriableError } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import { lsnText, parseLsn } from "../wire/messages.ts";
import { type PgConnection, quoteName, quoteText } from "../wire/pg-connection.ts";
import { PgError } from "../wire/pg-error.ts";
import { type Timelines, timelinesOf } from "./timelines.ts";

/** SQLSTATE of a library that is not there. */
const PLUGIN_MISSING = "58P01";
/** SQLSTATE of a slot that somebody reads. */
const OBJECT_IN_USE = "55006";

export interface SlotState {
  readonly plugin: string;
  readonly active: boolean;
  readonly confirmedLsn: number;
  /** The server has removed log that the slot still needed. */
  readonly lost: boolean;
  readonly xmin: number | null;
  /** Where the server's log ends. */
  readonly serverLsn: number;
  /** Kept by standbys; only from Postgres 17 on. */
  readonly failover: boolean;
}

/** A slot just made: its snapshot can be used until the connection runs another command. */
export interface NewSlot {
  readonly consistentLsn: number;
  readonly snapshotName: string;
}

/** Null when there is no such slot. */
export async function slotState(connection: PgConnection, name: string): Promise<SlotState | null> {
  const [row] = await connection.query(
    `SELECT plugin, database = current_database() AS here, active, confirmed_flush_lsn, wal_status, catalog_xmin,
       to_jsonb(s) ->> 'failover' AS failover, CASE WHEN pg_catalog.pg_is_in_recovery()
         THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END AS server_lsn
     FROM pg_catalog.pg_replication_slots s WHERE slot_name = ${quoteText(name)}`,
  );
  if (row === undefined) return null;
  if (row.here !== "t") {
    throw new ConnectError(`The replication slot ${name} belongs to another database: set slot.name to another name.`, {
      code: "SLOT_ELSEWHERE",
    });
  }
  return {
    plugin: row.plugin ?? "",
    active: row.active === "t",
    confirmedLsn: row.confirmed_flush_lsn == null ? 0 : parseLsn(row.confirmed_flush_lsn),
    lost: row.wal_status === "lost",
    xmin: row.catalog_xmin == null ? null : Number(row.catalog_xmin),
    serverLsn: parseLsn(row.server_lsn!),
    failover: row.failover === "true",
  };
}

/** On a replication connection. */
export async function createSlot(
  replication: PgConnection,
  { name, plugin, temporary, failover }: { name: string; plugin: string; temporary: boolean; failover: boolean },
): Promise<NewSlot> {
  const options = failover ? "(SNAPSHOT 'export', FAILOVER)" : "EXPORT_SNAPSHOT";
  const kind = temporary ? "TEMPORARY LOGICAL" : "LOGICAL";
  const [row] = await replication
    .query(`CREATE_REPLICATION_SLOT ${quoteName(name)} ${kind} ${quoteName(plugin)} ${options}`)
    .catch((error: unknown) => {
      if (!(error instanceof PgError) || error.state !== PLUGIN_MISSING) throw error;
      throw new ConfigError(`Creation of replication slot failed: ${error.message}. Set plugin.name to pgoutput.`, {
        code: "PLUGIN_MISSING",
      });
    });
  return { consistentLsn: parseLsn(row!.consistent_point!), snapshotName: row!.snapshot_name! };
}

/**
 * On a replication connection. A server that does not tell its history, as some that are rented, is compared by the number of its timeline
 * alone.
 */
export async function readTimelines(replication: PgConnection, logger: Logger): Promise<Timelines> {
  const [system] = await replication.query("IDENTIFY_SYSTEM");
  const current = Number(system!.timeline);
  if (current === 1) return timelinesOf(current, "");
  try {
    const [history] = await replication.query(`TIMELINE_HISTORY ${current}`);
    return timelinesOf(current, history!.content ?? "");
  } catch (error) {
    if (!(error instanceof PgError) || error.retriable) throw error;
    logger.warn("The server does not tell where its timelines ended.", { timeline: current, error: error.message });
    return timelinesOf(current, "");
  }
}

/** The first server whose standbys keep slots. */
const FAILOVER_SINCE_VERSION = 170_000;

export async function keepsFailoverSlots(connection: PgConnection, logger: Logger): Promise<boolean> {
  const [row] = await connection.query("SELECT current_setting('server_version_num')::int AS version");
  if (Number(row!.version) >= FAILOVER_SINCE_VERSION) return true;
  logger.warn("slot.failover has no effect: standbys keep slots from Postgres 17 on.", { version: row!.version });
  return false;
}

/** Standbys keep this slot from now on. On a replication connection. */
export async function setFailover(replication: PgConnection, name: string): Promise<void> {
  await replication.query(`ALTER_REPLICATION_SLOT ${quoteName(name)} (FAILOVER)`);
}

/** Everything up to here is in a snapshot: the slot need not send it. */
export async function advanceSlot(connection: PgConnection, name: string, lsn: number): Promise<void> {
  await connection.query(
    `SELECT pg_catalog.pg_replication_slot_advance(${quoteText(name)}, ${quoteText(lsnText(lsn))})`,
  );
}

const DROP_RETRY_MS = 100;
/** The server notices soon that the reader has gone; a slot that is read for longer is another reader's. */
const DROP_TRIES_MAX = 50;

/**
 * Drops the slot, if it is there. @throws RetriableError while somebody reads it; ConnectError for another database's.
 * @returns whether it was there.
 */
export async function dropSlot(
  connection: PgConnection,
  name: string,
  { sleep, signal }: Pick<PluginContext, "sleep"> & { readonly signal?: AbortSignal },
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    const slot = await slotState(connection, name);
    if (slot === null) return false;
    if (!slot.active && (await dropIfFree(connection, name))) return true;
    if (tries === DROP_TRIES_MAX) {
      throw new RetriableError(`Replication slot ${name} cannot be dropped: somebody reads it`, {
        code: "SLOT_ACTIVE",
      });
    }
    await sleep(DROP_RETRY_MS, signal);
  }
}

async function dropIfFree(connection: PgConnection, name: string): Promise<boolean> {
  try {
    await connection.query(`SELECT pg_catalog.pg_drop_replication_slot(${quoteText(name)})`);
    return true;
  } catch (error) {
    if (error instanceof PgError && error.state === OBJECT_IN_USE) return false;
    throw error;
  }
}

/** Makes or completes the publication, as publication.autocreate.mode says. `tables` are the captured ones. */
export async function ensurePublication(
  connection: PgConnection,
  { publication }: Settings,
  tables: readonly { readonly schema: string; readonly name: string }[],
  logger: Logger,
): Promise<void> {
  const { name, mode, viaRoot, operations } = publication;
  const [there] = await connection.query(
    `SELECT puballtables FROM pg_catalog.pg_publication WHERE pubname = ${quoteText(name)}`,
  );
  const list = tables.map((table) => `${quoteName(table.schema)}.${quoteName(table.name)}`).join(", ");
  if (there !== undefined) {
    if (mode === "filtered" && there.puballtables !== "t" && list !== "") {
      await connection.query(`ALTER PUBLICATION ${quoteName(name)} SET TABLE ${list}`);
    }
    return;
  }
  if (mode === "disabled") {
    throw new ConnectError(
      `Publication autocreation is disabled, please create one and restart the connector: there is no publication ${name}.`,
      { code: "PUBLICATION_MISSING" },
    );
  }
  if (mode === "filtered" && list === "") {
    throw new ConnectError(`No table filters found for filtered publication ${name}.`, { code: "PUBLICATION_EMPTY" });
  }
  const what = mode === "all_tables" ? " FOR ALL TABLES" : mode === "filtered" ? ` FOR TABLE ${list}` : "";
  const options = [
    ...(viaRoot ? ["publish_via_partition_root = true"] : []),
    ...(operations === null ? [] : [`publish = '${operations.join(",")}'`]),
  ];
  const shown = options.length === 0 ? "" : ` WITH (${options.join(", ")})`;
  await connection.query(`CREATE PUBLICATION ${quoteName(name)}${what}${shown}`);
  logger.info("Publication made.", { publication: name, mode });
}

export async function setIdentities(
  connection: PgConnection,
  { identities }: Settings,
  tables: readonly { readonly schema: string; readonly name: string }[],
): Promise<void> {
  for (const { schema, name } of tables) {
    const wanted = identities.find(({ table }) => table(`${schema}.${name}`))?.identity;
    if (wanted === undefined) continue;
    const index = /^INDEX\s+(.+)$/i.exec(wanted)?.[1];
    const identity = index === undefined ? wanted.toUpperCase() : `USING INDEX ${quoteName(index)}`;
    await connection.query(`ALTER TABLE ${quoteName(schema)}.${quoteName(name)} REPLICA IDENTITY ${identity}`);
  }
}
