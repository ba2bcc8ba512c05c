import { after } from "node:test";
import type { SourcePlugin } from "@millrace/connect";
import { testSource } from "@millrace/connect/testing";
import { PostgresCdc } from "./plugin.ts";
import { createTestDatabase } from "./testing/cdc-fixture.ts";

const db = await createTestDatabase("acceptance");
after(() => db.drop());
await db.sql("CREATE TABLE orders (id int PRIMARY KEY, note text); CREATE PUBLICATION dbz_publication FOR ALL TABLES");
await db.sql(`SELECT pg_create_logical_replication_slot('${db.config["slot.name"]}', 'pgoutput')`);
for (let i = 0; i < 5; i++) {
  await db.sql(`INSERT INTO orders SELECT g, 'n' || g FROM generate_series(${i * 5 + 1}, ${i * 5 + 5}) g`);
}
await db.sql("UPDATE orders SET id = 100 WHERE id = 1; DELETE FROM orders WHERE id = 2");

/** Events say when they were made, and headers in which run: neither would be the same the second time. */
const steady: SourcePlugin = {
  ...PostgresCdc,
  create() {
    const connector = PostgresCdc.create();
    return {
      start: (...each) => connector.start(...each),
      taskConfigs: () => connector.taskConfigs(),
      stop: () => connector.stop(),
      task() {
        const task = connector.task();
        const start = task.start.bind(task);
        task.start = (context) => start({ ...context, nowMs: () => 1_700_000_000_000 });
        return task;
      },
    };
  },
};

// 25 rows, then delete, tombstone and create of the moved key, delete and tombstone. The suite starts over at any offset, also
// behind what it has committed: the slot must keep it all.
const config = {
  ...db.config,
  "snapshot.mode": "no_data",
  "lsn.flush.mode": "manual",
  "extended.headers.enabled": "false",
};
testSource(steady, { config, records: 30 });

// A snapshot that was cut off is read again from its beginning.
const snapshot = { ...config, "topic.prefix": "snapshot", "snapshot.mode": "initial_only" };
testSource(steady, { config: snapshot, records: 24, resumes: false });
