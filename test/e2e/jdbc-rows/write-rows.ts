import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../../../deploy/prove/seeded-random.ts";
import type { TestDatabase } from "../../../libs/connectors/jdbc/testing/test-servers.ts";

export type Product = "postgres" | "mysql";

/** The clock rows are stamped with: of the transaction on Postgres, of the statement on MySQL and MariaDB. */
const NOW = { postgres: "now()", mysql: "now(6)" } as const;
const ROLLBACK_SHARE = 0.15;
const PAUSE_SHARE = 0.3;
const PAUSE_MAX_MS = 25;
/** Now and then a transaction stays open for longer than many others together. */
const LONG_SHARE = 0.002;
const LONG_MS = 1500;

export async function createTables(database: TestDatabase, product: Product): Promise<void> {
  const identity = product === "postgres" ? "bigserial PRIMARY KEY" : "bigint AUTO_INCREMENT PRIMARY KEY";
  const instant = product === "postgres" ? "timestamptz" : "datetime(6)";
  const connection = await database.open();
  await connection.execute(`CREATE TABLE inserted (id ${identity}, writer int NOT NULL)`);
  await connection.execute(`CREATE TABLE changed (id ${identity}, writer int NOT NULL, seq int NOT NULL,
    version int NOT NULL, at_time ${instant} NOT NULL, UNIQUE (writer, seq))`);
  await connection.execute("CREATE INDEX changed_at ON changed (at_time, id)");
  await connection.close();
}

export interface WriteOptions {
  readonly database: TestDatabase;
  readonly product: Product;
  readonly writers: number;
  /** Committed rows of both tables together, at least. */
  readonly rows: number;
  readonly rowsPerTransaction: number;
  readonly seed: number;
  readonly progress: (committed: number) => void;
}

/**
 * Transactions of many writers at once: each inserts rows into both tables and updates older ones of its own, with pauses
 * before, between and after; some roll back. So ids and timestamps become visible in an order of their own.
 */
export async function writeRows(options: WriteOptions): Promise<void> {
  let committed = 0;
  const isDone = () => committed >= options.rows;
  const counted = (rows: number) => {
    committed += rows;
    options.progress(committed);
  };
  await Promise.all(
    Array.from({ length: options.writers }, (_, writer) => writeAlone(options, writer, isDone, counted)),
  );
}

async function writeAlone(
  { database, product, rowsPerTransaction, seed }: WriteOptions,
  writer: number,
  isDone: () => boolean,
  counted: (rows: number) => void,
): Promise<void> {
  const random = new SeededRandom(seed * 1000 + writer);
  const connection = await database.open();
  const now = NOW[product];
  let seq = 0;
  const pause = async () => {
    const draw = random.next();
    if (draw < LONG_SHARE) await sleep(LONG_MS);
    else if (draw < PAUSE_SHARE) await sleep(random.next() * PAUSE_MAX_MS);
  };
  while (!isDone()) {
    const count = 1 + Math.floor(random.next() * 2 * rowsPerTransaction);
    const first = seq + 1;
    const rollsBack = random.next() < ROLLBACK_SHARE;
    const rows = Array.from({ length: count }, (_, i) => first + i);
    const work = async () => {
      await pause();
      await connection.execute(`INSERT INTO inserted (writer) VALUES ${rows.map(() => `(${writer})`).join(", ")}`);
      await pause();
      const values = rows.map((row) => `(${writer}, ${row}, 1, ${now})`);
      await connection.execute(`INSERT INTO changed (writer, seq, version, at_time) VALUES ${values.join(", ")}`);
      for (let updates = random.next() * 3; updates > 1 && first > 1; updates--) {
        const target = 1 + Math.floor(random.next() * (first - 1));
        await connection.execute(
          `UPDATE changed SET version = version + 1, at_time = ${now} WHERE writer = ${writer} AND seq = ${target} AND at_time < ${now}`,
        );
      }
      await pause();
      if (rollsBack) throw new RolledBack();
    };
    try {
      await connection.transaction(work);
      seq += count;
      counted(2 * count);
    } catch (error) {
      if (!(error instanceof RolledBack) && !isConflict(error)) throw error;
    }
  }
  await connection.close();
}

class RolledBack extends Error {}

/** Writers may wait for each other; the database ends one of them then. */
function isConflict(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  return code.startsWith("40") || code.startsWith("ER_LOCK_") || code.startsWith("ER_CHECKREAD");
}
