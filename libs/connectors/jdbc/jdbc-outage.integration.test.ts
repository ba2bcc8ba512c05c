import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { after, test } from "node:test";
import { isRetriable, type Struct } from "@millrace/connect";
import { createTestDatabase, startSource } from "./testing/jdbc-fixture.ts";

const db = await createTestDatabase("outage");
after(() => db.drop());

/** Between a client and a server, and can be away. */
async function startGate(target: URL) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
  });
  let port = 0;
  const open = () => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await open();
  port = (server.address() as { port: number }).port;
  return {
    port,
    open,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

test("JdbcSource reads on, without a row lost, when its database was away for several polls", async () => {
  const gate = await startGate(new URL(process.env.DATABASE_URL!));
  await db.sql`CREATE TABLE steady (id bigserial PRIMARY KEY)`;
  await db.sql`INSERT INTO steady SELECT FROM generate_series(1, 3)`;
  const source = await startSource({
    ...db.config,
    "connection.url": `jdbc:postgresql://127.0.0.1:${gate.port}/${db.database}`,
    mode: "incrementing",
    "incrementing.column.name": "id",
    "table.whitelist": "steady",
  });
  const poll = async () => source.task.poll();
  assert.equal((await source.poll(3)).length, 3);
  await gate.close();
  for (let failures = 0; failures < 3; ) {
    await poll().catch((error) => {
      assert.ok(isRetriable(error), String(error));
      failures += 1;
    });
  }
  await db.sql`INSERT INTO steady SELECT FROM generate_series(1, 2)`;
  await gate.open();
  const ids: number[] = [];
  while (ids.length < 2) {
    const records = await poll().catch(() => null);
    ids.push(...(records ?? []).map((record) => Number((record.value as Struct).get("id"))));
  }
  assert.deepEqual(ids, [4, 5]);
  await source.stop();
  await gate.close();
});

test("JdbcSource takes the next host of its URL when one does not answer", async () => {
  const away = await startGate(new URL(process.env.DATABASE_URL!));
  await away.close();
  const { hostname, port } = new URL(process.env.DATABASE_URL!);
  await db.sql`CREATE TABLE spare (id bigserial PRIMARY KEY)`;
  await db.sql`INSERT INTO spare DEFAULT VALUES`;
  const source = await startSource({
    ...db.config,
    "connection.url": `jdbc:postgresql://127.0.0.1:${away.port},${hostname}:${port || 5432}/${db.database}`,
    mode: "incrementing",
    "incrementing.column.name": "id",
    "table.whitelist": "spare",
  });
  assert.equal((await source.poll(1)).length, 1);
  await source.stop();
});
