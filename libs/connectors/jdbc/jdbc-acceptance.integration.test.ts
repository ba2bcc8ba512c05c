import { after } from "node:test";
import { testSource } from "@millrace/connect/testing";
import { JdbcSource } from "./plugin.ts";
import { createTestDatabase } from "./testing/jdbc-fixture.ts";

const db = await createTestDatabase("acceptance");
after(() => db.drop());
for (const table of ["orders", "lines", "notes"]) {
  await db.sql.unsafe(
    `CREATE TABLE ${table} (id bigserial PRIMARY KEY, amount numeric(12,2), at timestamptz, note text)`,
  );
  await db.sql.unsafe(`INSERT INTO ${table} (amount, at, note)
    SELECT g / 4.0, now(), CASE WHEN g % 3 = 0 THEN NULL ELSE 'n' || g END FROM generate_series(1, 50) g`);
}

const config = { ...db.config, "batch.max.rows": "7" };
testSource(JdbcSource, {
  config: { ...config, mode: "incrementing", "incrementing.column.name": "id" },
  records: 150,
  tasksMax: 2,
});
testSource(JdbcSource, {
  config: { ...config, mode: "bulk", "table.whitelist": "orders" },
  records: 50,
  resumes: false,
});
