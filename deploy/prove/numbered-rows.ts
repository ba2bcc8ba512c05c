import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";

/** Something numbered records come from, and the topic they go to. */
export interface NumberedStream {
  readonly topic: string;
  /** Records there for certain. */
  readonly written: number;
  /** The highest number that is there for certain. */
  readonly highest: number;
  write(count: number): Promise<void>;
  /** What is there, ascending. */
  numbers(): Promise<number[]>;
}

const SLOW_SESSION_S = 0.02;

/**
 * A table filled by two sessions at a time, one of which commits later than it took its numbers: ids become visible out of
 * order. A write that fails with its server is not repeated; what the table holds in the end counts.
 */
export class NumberedTable implements NumberedStream {
  readonly topic: string;
  #table: string;
  #sql: postgres.Sql;
  #written = 0;
  #highest = 0;

  constructor(sql: postgres.Sql, table: string, topicPrefix: string) {
    this.#sql = sql;
    this.#table = table;
    this.topic = `${topicPrefix}${table}`;
  }

  get written(): number {
    return this.#written;
  }

  get highest(): number {
    return this.#highest;
  }

  async create(): Promise<void> {
    await this.#sql`create table ${this.#sql(this.#table)}
      (id bigserial primary key, written_at timestamptz not null default now(), note text)`;
  }

  async write(count: number): Promise<void> {
    const half = Math.ceil(count / 2);
    await Promise.all([this.#insert(half, SLOW_SESSION_S), this.#insert(count - half, 0)]);
  }

  async numbers(): Promise<number[]> {
    const rows = await this.#sql`select id from ${this.#sql(this.#table)} order by id`.values();
    return rows.map(([id]) => Number(id));
  }

  async #insert(count: number, waitSeconds: number): Promise<void> {
    if (count === 0) return;
    // One statement: postgres.js 3.4 throws where nobody can catch it when the connection of an open transaction is cut.
    const [row] = await this.#sql<{ highest: string }[]>`
      with added as (
        insert into ${this.#sql(this.#table)} (note) select 'note ' || g from generate_series(1, ${count}::int) g returning id)
      select max(id) highest, pg_sleep(${waitSeconds})::text from added`;
    this.#written += count;
    this.#highest = Math.max(this.#highest, Number(row!.highest));
  }
}

/** A file of numbered lines. */
export class NumberedFile implements NumberedStream {
  readonly topic: string;
  readonly path: string;
  #written = 0;

  constructor(path: string, topic: string) {
    this.path = path;
    this.topic = topic;
    appendFileSync(path, "");
  }

  get written(): number {
    return this.#written;
  }

  get highest(): number {
    return this.#written;
  }

  async write(count: number): Promise<void> {
    let text = "";
    for (let i = 1; i <= count; i++) text += `${this.#written + i} is the number of this line\n`;
    appendFileSync(this.path, text);
    this.#written += count;
  }

  async numbers(): Promise<number[]> {
    return Array.from({ length: this.#written }, (_, i) => i + 1);
  }
}

const TICK_MS = 50;
/** So that data flows, and can be seen to flow again, when a phase's share is already written. */
const TRICKLE = 4;

/**
 * Writes to every stream, in phases of equal size and about `phaseMs`; in the last one as fast as it goes. Between phases a
 * trickle keeps flowing.
 */
export class Writer {
  readonly #streams: readonly NumberedStream[];
  readonly #plan: { readonly perStream: number; readonly phases: number; readonly phaseMs: number };
  readonly #stopping = new AbortController();
  #phase = 1;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    streams: readonly NumberedStream[],
    plan: { readonly perStream: number; readonly phases: number; readonly phaseMs: number },
  ) {
    this.#streams = streams;
    this.#plan = plan;
  }

  start(): void {
    this.#running = Promise.all(this.#streams.map((stream) => this.#fill(stream)));
  }

  nextPhase(): void {
    this.#phase += 1;
  }

  /** After the last phase has begun: resolves when everything is written. */
  async finish(): Promise<void> {
    this.#phase = this.#plan.phases;
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #fill(stream: NumberedStream): Promise<void> {
    const { perStream, phases, phaseMs } = this.#plan;
    const share = perStream / phases;
    const chunk = Math.ceil((share / phaseMs) * TICK_MS);
    while (!this.#stopping.signal.aborted) {
      const isLast = this.#phase === phases;
      if (isLast && stream.written >= perStream) return;
      const left = Math.ceil(share * this.#phase) - stream.written;
      const count = isLast ? Math.min(left, chunk * 4) : Math.max(TRICKLE, Math.min(left, chunk));
      await stream.write(count).catch(() => {});
      await sleep(TICK_MS);
    }
  }
}

/** Connections of the writers, which outlive their server. */
export function openSource(url: string): postgres.Sql {
  return postgres(url, { max: 8, connect_timeout: 2, backoff: () => 0.2, onnotice: () => {} });
}
