import { setTimeout as sleep } from "node:timers/promises";
import type { TestDatabase } from "../../../libs/connectors/jdbc/testing/test-servers.ts";

const POLL_MS = 50;

/**
 * Reads the tables as the usual connector does, by its own SQL (`id > last`, and `time > last AND time < now`), to show what
 * that loses with the same writers. Its code is not public, so the connector itself cannot be run here.
 */
export class PeerSql {
  readonly ids = new Set<number>();
  /** The newest version read, by id. */
  readonly versions = new Map<number, number>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(database: TestDatabase) {
    this.#done = this.#run(database);
  }

  /** When all that was there at the call has been looked at. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(database: TestDatabase): Promise<void> {
    const connection = await database.open();
    let lastId = -1;
    let lastTime = "1970-01-01 00:00:00";
    for (let stopped = false; !stopped; ) {
      stopped = this.#stop.signal.aborted;
      const { rows } = await connection.query(`SELECT id FROM inserted WHERE id > ${lastId} ORDER BY id ASC`);
      for (const [id] of rows) {
        lastId = Number(id);
        this.ids.add(lastId);
      }
      const { rows: changes } = await connection.query(
        `SELECT id, version, at_time FROM changed WHERE at_time > '${lastTime}' AND at_time < CURRENT_TIMESTAMP(6) ORDER BY at_time ASC, id ASC`,
      );
      for (const [id, version, time] of changes) {
        this.versions.set(Number(id), Number(version));
        lastTime = String(time);
      }
      await sleep(POLL_MS);
    }
    await connection.close();
  }
}
