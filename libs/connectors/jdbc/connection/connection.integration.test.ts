import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isConnectError, isRetriable } from "@millrace/connect";
import { type TestDatabase, testServers } from "../testing/test-servers.ts";
import { rowObjects } from "./connection.ts";

for (const { product, create } of testServers) {
  describe(`JdbcConnection on ${product}`, () => {
    let database: TestDatabase;
    const table = `millrace_connection_${process.pid}`;
    before(async () => {
      database = await create("connection");
      const connection = await database.open();
      await connection.execute(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name VARCHAR(50))`);
      await connection.close();
    });
    after(async () => {
      const connection = await database.open();
      await connection.execute(`DROP TABLE ${table}`);
      await connection.close();
      await database.drop();
    });
    const insert = (place: (n: number) => string) =>
      `INSERT INTO ${table} (id, name) VALUES (${place(1)}, ${place(2)})`;

    test("runs statements with values and gives rows", async () => {
      const connection = await database.open();
      assert.equal(connection.product, product);
      assert.equal(await connection.execute(insert(connection.placeholder), [1, "it's é \\ $1 ?"]), 1);
      await connection.executeMany(insert(connection.placeholder), [
        [2, "two"],
        [3, null],
      ]);
      const where = `id >= ${connection.placeholder(1)}`;
      const result = await connection.query(`SELECT id, name FROM ${table} WHERE ${where} ORDER BY id`, [1]);
      assert.deepEqual(
        result.columns.map(({ name }) => name.toLowerCase()),
        ["id", "name"],
      );
      assert.deepEqual(
        result.rows.map((row) => [Number(row[0]), row[1]]),
        [
          [1, "it's é \\ $1 ?"],
          [2, "two"],
          [3, null],
        ],
      );
      assert.equal(rowObjects(result).length, 3);
      assert.equal(await connection.execute(`DELETE FROM ${table}`), 3);
      await connection.close();
    });

    test("a transaction commits when its work resolves and leaves nothing when it rejects", async () => {
      const connection = await database.open();
      const count = async () => Number((await connection.query(`SELECT COUNT(*) FROM ${table}`)).rows[0]![0]);
      await connection.transaction(() => connection.execute(insert(connection.placeholder), [1, "kept"]));
      assert.equal(await count(), 1);
      const fails = connection.transaction(async () => {
        await connection.execute(insert(connection.placeholder), [2, "gone"]);
        await connection.execute(insert(connection.placeholder), [1, "twice"]);
      });
      await assert.rejects(fails, (error) => isConnectError(error) && !isRetriable(error) && error.code !== "");
      assert.equal(await count(), 1);
      await connection.execute(`DELETE FROM ${table}`);
      await connection.close();
    });

    test("after close nothing runs, and what was not committed is gone", async () => {
      const stop = new AbortController();
      const connection = await database.open(stop.signal);
      const work = connection.transaction(async () => {
        await connection.execute(insert(connection.placeholder), [1, "gone"]);
        stop.abort();
        await connection.execute(insert(connection.placeholder), [2, "gone"]);
      });
      await assert.rejects(work, isRetriable);
      await assert.rejects(connection.query(`SELECT id FROM ${table}`), isRetriable);
      await connection.close();
      const other = await database.open();
      assert.deepEqual((await other.query(`SELECT id FROM ${table}`)).rows, []);
      await other.close();
    });

    test("two transactions on the same row take turns", async () => {
      const setup = await database.open();
      await setup.execute(insert(setup.placeholder), [1, "0"]);
      await setup.close();
      const add = async () => {
        const connection = await database.open();
        for (let i = 0; i < 5; i++) {
          await connection.transaction(async () => {
            await connection.execute(`UPDATE ${table} SET id = id WHERE id = 1`);
            const [row] = (await connection.query(`SELECT name FROM ${table} WHERE id = 1`)).rows;
            const name = String(Number(row![0]) + 1);
            await connection.execute(`UPDATE ${table} SET name = ${connection.placeholder(1)}`, [name]);
          });
        }
        await connection.close();
      };
      await Promise.all([add(), add(), add()]);
      const connection = await database.open();
      assert.deepEqual((await connection.query(`SELECT name FROM ${table}`)).rows, [["15"]]);
      await connection.execute(`DELETE FROM ${table}`);
      await connection.close();
    });
  });
}
