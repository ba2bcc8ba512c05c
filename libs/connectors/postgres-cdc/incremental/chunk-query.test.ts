import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChunkTable, chunkQuery, maximumQuery } from "./chunk-query.ts";

const table: ChunkTable = {
  schema: "s",
  name: "t",
  keys: [
    { name: "a", type: "int4", optional: false },
    { name: "b", type: "text", optional: false },
  ],
  columns: ["a", "v"],
  condition: "v <> 'x'",
};

test("a chunk lies behind the last one, up to the key where the snapshot ends", () => {
  assert.equal(
    chunkQuery(table, { after: null, upTo: null }, 5),
    `SELECT "a", "v", "a"::text, "b"::text FROM "s"."t" WHERE (v <> 'x') ORDER BY "t"."a", "t"."b" LIMIT 5`,
  );
  assert.equal(
    chunkQuery(table, { after: ["1", "o'k"], upTo: ["9", "z"] }, 5),
    `SELECT "a", "v", "a"::text, "b"::text FROM "s"."t" WHERE (ROW("a", "b") > ROW('1', 'o''k')) ` +
      `AND NOT (ROW("a", "b") > ROW('9', 'z')) AND (v <> 'x') ORDER BY "t"."a", "t"."b" LIMIT 5`,
  );
  assert.equal(
    maximumQuery(table),
    `SELECT "a"::text AS k0, "b"::text AS k1 FROM "s"."t" WHERE (v <> 'x') ORDER BY "t"."a" DESC, "t"."b" DESC LIMIT 1`,
  );
});

test("keys that may be null come last when they are", () => {
  const keys = [
    { name: "a", type: "int4", optional: true },
    { name: "b", type: "int4", optional: false },
  ];
  const sql = chunkQuery({ ...table, keys, condition: null }, { after: [null, "2"], upTo: ["7", "8"] }, 1);
  assert.match(sql, /WHERE \(\(false\) OR \("a" IS NULL AND "b" > '2'\)\) AND NOT \(/);
  assert.match(sql, /NOT \(\(\("a" > '7' OR "a" IS NULL\)\) OR \("a" = '7' AND "b" > '8'\)\)/);
});
