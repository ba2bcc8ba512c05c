import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { packArrays } from "../sink/dialects/postgres-arrays.ts";
import { type TestDatabase, testServers } from "../testing/test-servers.ts";
import type { JdbcConnection, PackedStatement } from "./connection.ts";

let database: TestDatabase;
let connection: JdbcConnection;
before(async () => {
  database = await testServers.find(({ product }) => product === "postgres")!.create("sender");
  connection = await database.open();
  await connection.execute("CREATE TABLE t (id int PRIMARY KEY, name varchar(5))");
});
after(async () => {
  await connection.close();
  await database.drop();
});

const SQL = "INSERT INTO t SELECT * FROM unnest($1::integer[], $2::text[])";
const insert = (...rows: [number, string][]): PackedStatement => ({
  sql: SQL,
  values: packArrays(rows, ["integer", "text"]),
});
const ids = async () => (await connection.query("SELECT id FROM t ORDER BY id")).rows.map(([id]) => id);

test("transactions are done in order without waiting, and nothing behind one that fails", async () => {
  const { packed } = connection;
  const sent = [
    packed!.transaction([insert([1, "a"]), insert([2, "b"])]),
    packed!.transaction([insert([3, "c"]), insert([4, "too long"])]),
    packed!.transaction([insert([5, "e"])]),
  ];
  const ends = await Promise.allSettled(sent);
  assert.equal(await packed!.execute(insert([9, "next"])), 1);
  assert.deepEqual(
    ends.map((end) => (end.status === "fulfilled" ? end.value : (end.reason as { code: string }).code)),
    [2, "22001", "SKIPPED"],
  );
  assert.deepEqual(await ids(), [1, 2, 9]);
});

test("the driver and what is sent take turns", async () => {
  const { packed } = connection;
  const sent = packed!.transaction([insert([11, "x"])]);
  // Waits for it by itself.
  assert.deepEqual((await connection.query("SELECT name FROM t WHERE id = $1", [11])).rows, [["x"]]);
  assert.equal(await sent, 1);
  await assert.rejects(
    connection.transaction(async () => {
      assert.equal(await packed!.execute(insert([12, "y"], [13, "z"])), 2);
      await packed!.execute(insert([12, "twice"]));
    }),
    { code: "23505", retriable: false },
  );
  assert.equal(await packed!.execute(insert([14, "z"])), 1);
  assert.deepEqual((await ids()).slice(3), [11, 14]);
});

test("a statement that cannot be parsed is no hindrance to others", async () => {
  const { packed } = connection;
  const wrong = {
    sql: "INSERT INTO missing SELECT * FROM unnest($1::integer[])",
    values: packArrays([[1]], ["integer"]),
  };
  for (let tries = 0; tries < 2; tries++) await assert.rejects(packed!.transaction([wrong]), { code: "42P01" });
  await connection.execute("CREATE TABLE missing (id int)");
  assert.equal(await packed!.transaction([wrong, insert([21, "a"])]), 2);
});

test("what is under way when the connection goes fails, and what is sent afterwards", async () => {
  const lost = await database.open();
  const { rows } = await lost.query("SELECT pg_backend_pid()");
  // Told before the answer to the one that ends it, at times: so somebody listens from the start.
  const underWay = assert.rejects(
    lost.packed!.transaction([
      { sql: "SELECT pg_sleep(60) WHERE $1::integer[] IS NOT NULL", values: packArrays([[1]], ["integer"]) },
    ]),
    { retriable: true },
  );
  await connection.query("SELECT pg_terminate_backend($1)", [rows[0]![0] as number]);
  await underWay;
  await assert.rejects(lost.packed!.transaction([insert([31, "a"])]), { retriable: true });
  await lost.close();
});

test("values of every packed type arrive as they are", async () => {
  const types = [
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "boolean",
    "text",
    "character varying",
    "bytea",
  ];
  const int = (bits: number) => fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
  const safe = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
  const text = fc.string({ unit: "grapheme" }).map((each) => each.replaceAll("\0", ""));
  const row = fc.tuple(
    ...[int(16), int(32), int(64)].map((each) => fc.option(each.map(safe))),
    fc.option(fc.float()),
    fc.option(fc.double()),
    fc.option(fc.boolean()),
    fc.option(text),
    fc.option(text),
    fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  );
  const columns = types.map((type, i) => `c${i} ${type}`).join(", ");
  await connection.execute(`CREATE TABLE typed (${columns})`);
  const arrays = types.map((type, i) => `$${i + 1}::${type}[]`).join(", ");
  const sql = `INSERT INTO typed SELECT * FROM unnest(${arrays})`;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      await connection.execute("TRUNCATE typed");
      assert.equal(await connection.packed!.transaction([{ sql, values: packArrays(rows, types) }]), rows.length);
      const found = (await connection.query("SELECT * FROM typed")).rows;
      // The driver reads a real as the shortest text that is the same one, not as the same number.
      const plain = (value: unknown, i: number) =>
        typeof value === "number" ? (types[i] === "real" ? Math.fround(value) : value) + 0 : value;
      assert.deepEqual(
        found.map((each) => each.map(plain)),
        rows.map((each) => each.map((value, i) => plain(value, i))),
      );
    }),
    { numRuns: 30 },
  );
});
