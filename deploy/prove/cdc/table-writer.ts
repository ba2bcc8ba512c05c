import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { SeededRandom } from "../seeded-random.ts";
import type { Rows } from "./replay.ts";

/** Rows of this many bytes: a snapshot of some ten thousand has several parts. */
const FILLING_BYTES = 700;
const LONG_TRANSACTION_MS = 1_500;
const LONG_TRANSACTION_CHANGES = 200;

/**
 * Two tables under load from three sessions: short transactions, long ones that stay open and now and then roll back, and a table
 * that is truncated. Every update raises a row's version by one. What fails with its server or connection is not repeated.
 */
export class TableWriter {
  readonly tables = ["accounts", "visits"] as const;
  readonly #sql: postgres.Sql;
  readonly #random: SeededRandom;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #changes = 0;
  #nextId: number;

  constructor(sql: postgres.Sql, options: { readonly rows: number; readonly seed: number }) {
    this.#sql = sql;
    this.#random = new SeededRandom(options.seed);
    this.#nextId = options.rows + 1;
  }

  /** Changes that were committed for certain. */
  get changes(): number {
    return this.#changes;
  }

  async create(rows: number): Promise<void> {
    await this.#sql.unsafe(`create table accounts (id int primary key, v int not null, filling text);
      alter table accounts alter filling set storage plain;
      create table visits (id int primary key, v int not null, filling text);
      insert into accounts select g, 0, repeat('x', ${FILLING_BYTES}) from generate_series(1, ${rows}) g;
      insert into visits select g, 0, '' from generate_series(1, 100) g;
      analyze`);
  }

  start(): void {
    const { signal } = this.#stop;
    const forever = async (work: () => Promise<number>) => {
      while (!signal.aborted) {
        try {
          this.#changes += await work();
        } catch {
          await sleep(50);
        }
      }
    };
    this.#running = Promise.all([
      forever(() => this.#short()),
      forever(() => this.#long(signal)),
      forever(() => this.#visit()),
    ]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** As they are now. */
  async rows(table: string): Promise<Rows> {
    const rows = await this.#sql.unsafe(`select id, v from ${table}`).values();
    return new Map(rows.map(([id, v]) => [Number(id), Number(v)]));
  }

  async #short(): Promise<number> {
    const id = this.#nextId++;
    const old = this.#anyOf(id);
    await this.#sql.begin(async (sql) => {
      await sql.unsafe(`insert into accounts values (${id}, 0, 'new');
        update accounts set v = v + 1 where id in (${old}, ${this.#anyOf(id)}, ${this.#anyOf(id)});
        delete from accounts where id = ${this.#anyOf(id)}`);
    });
    await sleep(5);
    return 3;
  }

  async #long(signal: AbortSignal): Promise<number> {
    const rollsBack = this.#random.next() < 0.2;
    const steps = 5;
    try {
      await this.#sql.begin(async (sql) => {
        for (let step = 0; step < steps && !signal.aborted; step++) {
          const from = this.#anyOf(this.#nextId);
          await sql.unsafe(
            `update accounts set v = v + 1 where id in (select id from accounts where id >= ${from}
             order by id limit ${LONG_TRANSACTION_CHANGES} for update skip locked)`,
          );
          await sleep(LONG_TRANSACTION_MS / steps);
        }
        if (rollsBack) throw new Error("rolled back on purpose");
      });
    } catch (error) {
      if (!rollsBack) throw error;
    }
    return rollsBack ? 0 : LONG_TRANSACTION_CHANGES;
  }

  async #visit(): Promise<number> {
    if (this.#random.next() < 0.05) {
      await this.#sql.unsafe("truncate visits");
      return 1;
    }
    const id = this.#nextId++;
    await this.#sql.unsafe(`insert into visits values (${id}, 0, ''); update visits set v = v + 1 where id = ${id}`);
    await sleep(20);
    return 2;
  }

  #anyOf(below: number): number {
    return 1 + Math.floor(this.#random.next() * (below - 1));
  }
}
