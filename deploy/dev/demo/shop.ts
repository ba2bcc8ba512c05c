import postgres from "postgres";

export const TABLES = ["orders", "customers", "products"] as const;
export type Table = (typeof TABLES)[number];

const CREATE = `
  drop table if exists orders, customers, products;
  create table customers (id bigserial primary key, name text not null, city text, since date not null);
  create table products (id bigserial primary key, title text not null, price numeric(10,2) not null, stock int not null);
  create table orders (id bigserial primary key, customer bigint not null, product bigint not null, quantity int not null,
    total numeric(12,2) not null, status text not null, created_at timestamptz not null default now(), note text);
`;

const INSERT: Readonly<Record<Table, string>> = {
  orders: `insert into orders (customer, product, quantity, total, status, note)
    select 1 + (random() * 999)::int, 1 + (random() * 99)::int, 1 + g % 7, (g % 90000) / 7.0,
      (array['new','paid','shipped'])[1 + g % 3], case when g % 4 = 0 then null else 'order note ' || g end
    from generate_series(1, $1::int) g`,
  customers: `insert into customers (name, city, since)
    select 'Customer ' || g, (array['Lima','Oslo','Kyoto',null])[1 + g % 4], date '2024-01-01' + g
    from generate_series(1, $1::int) g`,
  products: `insert into products (title, price, stock)
    select 'Product ' || g, (g % 5000) / 3.0, g % 100 from generate_series(1, $1::int) g`,
};

/** Of ten transactions six go to orders, two each to the others. */
const MIX: readonly Table[] = [
  "orders",
  "orders",
  "customers",
  "orders",
  "products",
  "orders",
  "orders",
  "customers",
  "orders",
  "products",
];
const WRITERS = 4;
const ROWS_PER_TRANSACTION = 20;

/**
 * A shop whose tables keep growing: four sessions insert side by side, commit in any order, and roll back one transaction in
 * ten. Their ids therefore have gaps, and commit out of id order: what a polling source must not trip over.
 */
export class Shop {
  readonly written: Record<Table, number> = { orders: 0, customers: 0, products: 0 };
  #sql: postgres.Sql;
  #stopped = false;
  #turn = 0;

  constructor(url: string) {
    this.#sql = postgres(url, { max: WRITERS + 1, onnotice: () => {} });
  }

  get total(): number {
    return TABLES.reduce((sum, table) => sum + this.written[table], 0);
  }

  /** Makes the tables, and a user that may read them. */
  async create(reader: { readonly user: string; readonly password: string }): Promise<void> {
    const { user, password } = reader;
    await this.#sql.unsafe(CREATE);
    await this.#sql.unsafe(`drop owned by ${user}`).catch(() => {});
    await this.#sql.unsafe(`drop role if exists ${user}; create role ${user} login password '${password}'`);
    await this.#sql.unsafe(`grant select on orders, customers, products to ${user}`);
  }

  /** Writes until there are `rows` rows in all, spread over about `durationMs`; resolves when every session has ended. */
  async write(rows: number, durationMs: number): Promise<void> {
    this.#stopped = false;
    const startMs = performance.now();
    const due = () => (rows * Math.min(1, (performance.now() - startMs) / durationMs)) | 0;
    const start = this.total;
    let begun = 0;
    const session = async () => {
      while (!this.#stopped && begun < rows) {
        if (begun >= due() && performance.now() - startMs < durationMs) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        const count = Math.min(ROWS_PER_TRANSACTION, rows - begun);
        begun += count;
        if (!(await this.#insert(count))) begun -= count;
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, session));
    if (!this.#stopped && this.total - start !== rows)
      throw new Error("the shop wrote another number of rows than asked");
  }

  stopWriting(): void {
    this.#stopped = true;
  }

  /** The ids that are there, ascending. */
  async ids(table: Table): Promise<number[]> {
    const rows = await this.#sql.unsafe(`select id from ${table} order by id`).values();
    return rows.map(([id]) => Number(id));
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#sql.end({ timeout: 2 });
  }

  /** false: rolled back, as one in ten is. */
  async #insert(count: number): Promise<boolean> {
    const turn = this.#turn++;
    const table = MIX[turn % MIX.length]!;
    const rollBack = turn % 10 === 9;
    await this.#sql
      .begin(async (sql) => {
        await sql.unsafe(INSERT[table], [count]);
        // Sessions commit in another order than they took their ids.
        if (turn % 3 === 0) await sql`select pg_sleep(random() * 0.02)`;
        if (rollBack) throw new RollBack();
      })
      .catch((error) => {
        if (!(error instanceof RollBack)) throw error;
      });
    if (!rollBack) this.written[table] += count;
    return !rollBack;
  }
}

class RollBack extends Error {}
