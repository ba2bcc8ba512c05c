import postgres from "postgres";

const STATES = ["packed", "sent", "there"] as const;
const PER_TRANSACTION = 10;

/** A table whose rows come, change and go: what only change data capture can follow. */
export class Parcels {
  /** Inserts, updates and deletes so far. */
  changes = 0;
  readonly #slot: string;
  #sql: postgres.Sql;
  #turn = 0;

  /** @param slot of the replication, with a publication of that name: removed at the end, as it keeps the log from going. */
  constructor(url: string, slot: string) {
    this.#slot = slot;
    this.#sql = postgres(url, { max: 1, onnotice: () => {} });
  }

  async create(): Promise<void> {
    await this.#sql.unsafe(`drop table if exists parcels;
      create table parcels (id bigserial primary key, state text not null, grams int not null)`);
  }

  /** Changes rows until there were `changes` changes, spread over about `durationMs`. */
  async write(changes: number, durationMs: number): Promise<void> {
    const startMs = performance.now();
    while (this.changes < changes) {
      const due = changes * Math.min(1, (performance.now() - startMs) / durationMs);
      if (this.changes < due) await this.#change();
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Of six transactions three insert, two update and one deletes. */
  async #change(): Promise<void> {
    const turn = this.#turn++;
    const state = STATES[turn % STATES.length]!;
    const count = PER_TRANSACTION;
    const some = this.#sql`select id from parcels order by random() limit ${count}`;
    const { count: changed } =
      turn % 6 < 3
        ? await this
            .#sql`insert into parcels (state, grams) select ${state}, 100 + g from generate_series(1, ${count}) g`
        : turn % 6 < 5
          ? await this.#sql`update parcels set state = ${state}, grams = grams + 1 where id in (${some})`
          : await this.#sql`delete from parcels where id in (${some})`;
    this.changes += changed;
  }

  /** When nothing captures any more. */
  async close(): Promise<void> {
    const drop = () => this.#sql`select pg_drop_replication_slot(slot_name) from pg_replication_slots
      where slot_name = ${this.#slot}`;
    // The server needs a moment to see that its reader has gone.
    for (let attempt = 0; attempt < 20; attempt++) {
      const dropped = await drop().then(
        () => true,
        () => false,
      );
      if (dropped) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.#sql.unsafe(`drop publication if exists ${this.#slot}`);
    await this.#sql.end({ timeout: 2 });
  }
}
