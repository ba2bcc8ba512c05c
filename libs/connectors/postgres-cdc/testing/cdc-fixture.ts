// No tests: a database of its own for one test file, on the server DATABASE_URL names.
import { PgConnection } from "../wire/pg-connection.ts";
import { settingsOf } from "./sample-table.ts";

export async function createTestDatabase(name: string) {
  const given = process.env.DATABASE_URL;
  if (given === undefined) throw new Error("DATABASE_URL is not set: it names the Postgres server these tests need.");
  const url = new URL(given);
  const database = `cdc_${name}_${process.pid}`;
  const configOf = (dbname: string) => ({
    "topic.prefix": database,
    "plugin.name": "pgoutput",
    "database.hostname": url.hostname,
    "database.port": url.port || "5432",
    "database.user": decodeURIComponent(url.username),
    "database.password": decodeURIComponent(url.password),
    "database.dbname": dbname,
    "slot.name": database,
  });
  const admin = await PgConnection.open(settingsOf(configOf("postgres")).address, {});
  await admin.query(`CREATE DATABASE ${database}`);
  const sql = await PgConnection.open(settingsOf(configOf(database)).address, {});
  return {
    config: configOf(database),
    sql: (text: string) => sql.query(text),
    /** Another connection. */
    open: () => PgConnection.open(settingsOf(configOf(database)).address, {}),
    async drop() {
      await sql.query(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
      );
      await sql.close();
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.close();
    },
  };
}
