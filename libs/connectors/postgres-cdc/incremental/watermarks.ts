import { randomUUID } from "node:crypto";
import { parseLsn } from "../wire/messages.ts";
import { type PgConnection, quoteName, quoteText } from "../wire/pg-connection.ts";
import type { TableId } from "./table-id.ts";

/** Marks in the log between which a chunk was read. */
export interface Watermarks {
  open(connection: PgConnection): Promise<void>;
  close(connection: PgConnection): Promise<void>;
  /** A row of the signal table says so: true when it closes the window that is open. */
  marked(edge: "open" | "close", id: string): boolean;
  /** All of the stream before this place was handed over: true when the window is closed by it. */
  reached(lsn: number): boolean;
  /** Changes of the stream may be newer than rows of the chunk. */
  readonly isOpen: boolean;
}

/** Rows of the signal table, which come back in the stream. */
export class SignalWatermarks implements Watermarks {
  readonly #table: string;
  readonly #deletes: boolean;
  readonly #nowMs: () => number;
  #chunk: string | null = null;
  #openedAt = "";
  isOpen = false;

  constructor({ schema, name }: TableId, strategy: "insert_insert" | "insert_delete", nowMs: () => number) {
    this.#table = `${quoteName(schema)}.${quoteName(name)}`;
    this.#deletes = strategy === "insert_delete";
    this.#nowMs = nowMs;
  }

  async open(connection: PgConnection): Promise<void> {
    this.#chunk = randomUUID();
    this.#openedAt = new Date(this.#nowMs()).toISOString();
    await this.#insert(connection, "open", `{"openWindowTimestamp": "${this.#openedAt}"}`);
  }

  async close(connection: PgConnection): Promise<void> {
    if (this.#deletes) {
      await connection.query(`DELETE FROM ${this.#table} WHERE id = ${quoteText(`${this.#chunk}-open`)}`);
      return;
    }
    const closedAt = new Date(this.#nowMs()).toISOString();
    const data = `{"openWindowTimestamp": "${this.#openedAt}", "closeWindowTimestamp": "${closedAt}"}`;
    await this.#insert(connection, "close", data);
  }

  marked(edge: "open" | "close", id: string): boolean {
    if (this.#chunk === null || !id.startsWith(this.#chunk)) return false;
    this.isOpen = edge === "open";
    return edge === "close";
  }

  reached(): boolean {
    return false;
  }

  async #insert(connection: PgConnection, edge: string, data: string): Promise<void> {
    const values = [`${this.#chunk}-${edge}`, `snapshot-window-${edge}`, data].map(quoteText).join(", ");
    await connection.query(`INSERT INTO ${this.#table} VALUES (${values})`);
  }
}

/**
 * Nothing is written (read.only): the chunk holds nothing that was committed after the place where the log was when it had
 * been read. What the stream brings before that place is at least as new.
 */
export class LogWatermarks implements Watermarks {
  #highLsn: number | null = null;

  get isOpen(): boolean {
    return this.#highLsn !== null;
  }

  async open(): Promise<void> {
    this.#highLsn = null;
  }

  async close(connection: PgConnection): Promise<void> {
    const [row] = await connection.query(
      `SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
       ELSE pg_catalog.pg_current_wal_flush_lsn() END AS lsn`,
    );
    this.#highLsn = parseLsn(row!.lsn!);
  }

  marked(): boolean {
    return false;
  }

  reached(lsn: number): boolean {
    if (this.#highLsn === null || lsn < this.#highLsn) return false;
    this.#highLsn = null;
    return true;
  }
}
