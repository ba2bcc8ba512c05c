import { ConnectError, type Logger, type PluginMetrics } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import { HEARTBEAT_PREFIX } from "../pgoutput/messages.ts";
import { type PgConnection, quoteText } from "../wire/pg-connection.ts";
import { type Retained, retainedWal } from "./retained-wal.ts";

export interface SlotWatchDeps {
  readonly settings: Settings;
  readonly queries: PgConnection;
  readonly logger: Logger;
  readonly metrics: PluginMetrics;
  /** Frees the slot, so that it can be dropped. */
  letGo(): void;
}

/** Looks at what the server keeps for the slot: measures it, warns of it, limits it, and moves a quiet slot on. */
export class SlotWatch {
  readonly #deps: SlotWatchDeps;
  #last: Retained | null = null;
  #warnedBytes = 0;

  constructor(deps: SlotWatchDeps) {
    this.#deps = deps;
    deps.metrics.gauge("retained_wal_bytes", {
      help: "Log that the server keeps for the slot.",
      read: () => this.#last?.retainedBytes ?? null,
    });
    deps.metrics.gauge("lag_bytes", {
      help: "Log written since the place up to which the slot is confirmed.",
      read: () => this.#last?.behindBytes ?? null,
    });
  }

  /** @throws ConnectError when the limit was passed. */
  async look(): Promise<void> {
    const { settings, queries, logger } = this.#deps;
    const { name, watch } = settings.slot;
    const [row] = await queries.query(
      `SELECT coalesce(pg_catalog.pg_wal_lsn_diff(here.lsn, restart_lsn), 0) AS retained,
         coalesce(pg_catalog.pg_wal_lsn_diff(here.lsn, confirmed_flush_lsn), 0) AS behind,
         confirmed_flush_lsn AS confirmed, wal_status AS status, pg_catalog.pg_is_in_recovery() AS standby
       FROM pg_catalog.pg_replication_slots, LATERAL (SELECT CASE WHEN pg_catalog.pg_is_in_recovery()
         THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) here
       WHERE slot_name = ${quoteText(name)}`,
    );
    if (row === undefined) return;
    const now: Retained = {
      retainedBytes: Number(row.retained),
      behindBytes: Number(row.behind),
      confirmed: row.confirmed ?? "",
      status: row.status ?? "",
    };
    const found = retainedWal(now, this.#last, this.#warnedBytes, watch);
    this.#last = now;
    this.#warnedBytes = found.warnedBytes;
    if (found.warns) logger.warn(warning(name, now), { slot: name, ...now });
    if (found.nudges && row.standby !== "t") {
      await queries.query(`SELECT pg_catalog.pg_logical_emit_message(false, ${quoteText(HEARTBEAT_PREFIX)}, '')`);
    }
    if (found.exceeds) await this.#giveUp(now);
  }

  async #giveUp({ retainedBytes }: Retained): Promise<never> {
    const { settings, queries, letGo } = this.#deps;
    const { name, watch } = settings.slot;
    letGo();
    // The server frees it when it has noticed: until then it says that the slot is active.
    await queries.query(
      `SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots
       WHERE slot_name = ${quoteText(name)} AND active_pid IS NOT NULL`,
    );
    await queries.query(
      `DO $$ BEGIN FOR i IN 1..100 LOOP
         EXIT WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = ${quoteText(name)} AND active);
         PERFORM pg_catalog.pg_sleep(0.05);
       END LOOP; PERFORM pg_catalog.pg_drop_replication_slot(${quoteText(name)}); END $$`,
    );
    throw new ConnectError(
      `The server kept ${retainedBytes} bytes of log for the replication slot ${name}, more than ` +
        `millrace.slot.retained.wal.max.bytes (${watch.maxBytes}) allows: the slot was dropped. Changes that were not read are lost; ` +
        "read the tables again with snapshot.mode when_needed.",
      { code: "RETAINED_WAL" },
    );
  }
}

function warning(name: string, { retainedBytes, status }: Retained): string {
  const danger = status === "unreserved" || status === "lost" ? " The server is about to remove what is needed." : "";
  return (
    `The server keeps ${Math.round(retainedBytes / 2 ** 20)} MB of log for the replication slot ${name}: this connector is behind, ` +
    `or a transaction has been open for long.${danger}`
  );
}
