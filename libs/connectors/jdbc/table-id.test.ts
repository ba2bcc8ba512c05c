import assert from "node:assert/strict";
import { test } from "node:test";
import {
  duplicateNames,
  groupTables,
  parseQuotedNames,
  quotedName,
  selectTables,
  type TableFilter,
} from "./table-id.ts";

const table = (name: string, schema = "public") => ({ catalog: "shop", schema, name });
const all: TableFilter = {
  whitelist: [],
  blacklist: [],
  includeList: [],
  excludeList: [],
  schemaPattern: null,
  catalogPattern: null,
};
const tables = [table("orders"), table("users"), table("users", "old")];
const selected = (filter: Partial<TableFilter>) =>
  selectTables(tables, { ...all, ...filter }).map((id) => `${id.schema}.${id.name}`);

test("selectTables matches bare, qualified and full names, expressions and patterns", () => {
  assert.deepEqual(selected({}), ["public.orders", "public.users", "old.users"]);
  assert.deepEqual(selected({ whitelist: ["users"] }), ["public.users", "old.users"]);
  assert.deepEqual(selected({ whitelist: ["public.users", "shop.public.orders"] }), ["public.orders", "public.users"]);
  assert.deepEqual(selected({ blacklist: ["users"] }), ["public.orders"]);
  assert.deepEqual(selected({ includeList: ["public\\..*"], excludeList: ["ord.*"] }), ["public.users"]);
  assert.deepEqual(selected({ schemaPattern: "o_d" }), ["old.users"]);
});

test("parseQuotedNames reverses quotedName, quotes and commas included", () => {
  const odd = table('a"b,c.d', "s");
  assert.deepEqual(parseQuotedNames([table("orders"), odd].map(quotedName).join(",")), [table("orders"), odd]);
  assert.deepEqual(parseQuotedNames(""), []);
});

test("groupTables makes contiguous groups, larger ones first", () => {
  assert.deepEqual(groupTables([1, 2, 3, 4, 5, 6, 7], 3), [
    [1, 2, 3],
    [4, 5],
    [6, 7],
  ]);
});

test("duplicateNames finds table names that would share a topic", () => {
  assert.deepEqual(duplicateNames(tables), ["users"]);
});
