// The same rows in three places: a Postgres, an Elasticsearch, another Postgres. Counted and read for comparison.
import postgres from "postgres";
import type { Rows } from "./compare-copies.ts";

/** What of each table is compared; numbers as doubles, as documents have them. */
export const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  orders: ["customer", "quantity", "total::float8", "status", "note"],
  customers: ["name", "city"],
  products: ["title", "price::float8", "stock"],
  parcels: ["state", "grams"],
};

export interface Counts {
  readonly table: string;
  readonly rows: number;
  readonly documents: number;
  readonly copies: number;
}

const PAGE = 10_000;

export class Copies {
  #source: postgres.Sql;
  #copy: postgres.Sql;
  #elasticsearch: string;
  #topicOf: (table: string) => string;

  /** @param topicOf also the name of the index, and of the table of the copy. */
  constructor(places: {
    readonly source: string;
    readonly copy: string;
    readonly elasticsearch: string;
    readonly topicOf: (table: string) => string;
  }) {
    this.#source = postgres(places.source, { max: 1, onnotice: () => {} });
    this.#copy = postgres(places.copy, { max: 1, onnotice: () => {} });
    this.#elasticsearch = places.elasticsearch;
    this.#topicOf = places.topicOf;
  }

  counts(): Promise<Counts[]> {
    return Promise.all(
      Object.keys(COLUMNS).map(async (table) => {
        const topic = this.#topicOf(table);
        const [rows, documents, copies] = await Promise.all([
          countIn(this.#source, table),
          this.#countDocuments(topic),
          countIn(this.#copy, topic),
        ]);
        return { table, rows, documents, copies };
      }),
    );
  }

  async rows(table: string): Promise<Rows> {
    return rowsOf(await this.#source.unsafe(select(table, table)).values());
  }

  async copies(table: string): Promise<Rows> {
    if ((await countIn(this.#copy, this.#topicOf(table))) === 0) return new Map();
    return rowsOf(await this.#copy.unsafe(select(table, this.#topicOf(table))).values());
  }

  async documents(table: string): Promise<Rows> {
    const index = this.#topicOf(table);
    const names = COLUMNS[table]!.map((column) => column.replace(/::.*/, ""));
    const found = new Map<string, string>();
    await this.#ask(`/${index}/_refresh`);
    for (let after: unknown[] | undefined; ; ) {
      const { hits } = (await this.#ask(`/${index}/_search`, {
        size: PAGE,
        sort: [{ id: "asc" }],
        ...(after ? { search_after: after } : {}),
      })) as { hits: { hits: { _id: string; _source: Record<string, unknown>; sort: unknown[] }[] } };
      for (const { _id, _source } of hits.hits) found.set(_id, valueText(names.map((name) => _source[name])));
      if (hits.hits.length < PAGE) return found;
      after = hits.hits.at(-1)!.sort;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#source.end({ timeout: 2 }), this.#copy.end({ timeout: 2 })]);
  }

  async #countDocuments(index: string): Promise<number> {
    await this.#ask(`/${index}/_refresh`);
    const { count = 0 } = (await this.#ask(`/${index}/_count`)) as { count?: number };
    return count;
  }

  async #ask(path: string, body?: object): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(
      this.#elasticsearch + path,
      body === undefined ? { method: "POST" } : { method: "POST", headers, body: JSON.stringify(body) },
    );
    return answer.json();
  }
}

/** 0 while there is no such table. */
async function countIn(sql: postgres.Sql, table: string): Promise<number> {
  const [there] = await sql`select to_regclass(${`"${table}"`}) is not null yes`;
  if (!there?.yes) return 0;
  const [counted] = await sql.unsafe(`select count(*)::int n from "${table}"`);
  return counted?.n as number;
}

const select = (table: string, name: string): string => `select id, ${COLUMNS[table]!.join(", ")} from "${name}"`;

const rowsOf = (values: readonly unknown[][]): Rows =>
  new Map(values.map(([id, ...rest]) => [String(id), valueText(rest)]));

/** Whole numbers come as text from one place and as numbers from another. */
const valueText = (values: readonly unknown[]): string => values.map((value) => String(value ?? "∅")).join(" | ");
