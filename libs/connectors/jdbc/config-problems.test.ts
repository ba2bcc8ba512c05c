import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsProblems } from "./config-problems.ts";

const base = { "connection.url": "jdbc:postgresql://h/d", mode: "incrementing", "topic.prefix": "p-" };
const namesOf = (more: Record<string, string>) => settingsProblems({ ...base, ...more }).map(({ name }) => name);
const messageOf = (more: Record<string, string>) => settingsProblems({ ...base, ...more })[0]?.message ?? "";

test("settingsProblems names what is missing", () => {
  assert.deepEqual(namesOf({}), []);
  assert.deepEqual(namesOf({ "connection.url": "", mode: "" }), ["connection.url", "mode"]);
  assert.deepEqual(namesOf({ mode: "timestamp" }), ["timestamp.column.name"]);
  assert.deepEqual(namesOf({ mode: "timestamp", "timestamp.column.name": "at" }), []);
  assert.deepEqual(namesOf({ mode: "timestamp", "table.include.list": "a" }), ["mode"]);
});

test("settingsProblems refuses lists of tables that exclude each other, as Confluent's connector does", () => {
  assert.deepEqual(namesOf({ "table.whitelist": "a", "table.blacklist": "b" }), ["table.whitelist", "table.blacklist"]);
  assert.deepEqual(namesOf({ "table.whitelist": "a", "table.include.list": "b" }), [
    "table.whitelist",
    "table.include.list",
  ]);
  assert.match(
    messageOf({ "incrementing.column.name": "id", "table.include.list": "b" }),
    /^Cannot mix legacy and new configuration approaches\. Legacy configurations \(table\.whitelist, /,
  );
  assert.deepEqual(namesOf({ "table.exclude.list": "b" }), ["table.exclude.list"]);
  assert.deepEqual(namesOf({ mode: "bulk", "table.include.list": "a", "timestamp.columns.mapping": "a:[t]" }), [
    "mode",
  ]);
});

test("settingsProblems checks queries as Confluent's connector does", () => {
  const query = { query: "select id from t", "incrementing.column.name": "id" };
  assert.deepEqual(namesOf(query), []);
  assert.deepEqual(namesOf({ ...query, "table.whitelist": "t" }), ["query", "query.masked", "table.whitelist"]);
  assert.deepEqual(namesOf({ ...query, "query.masked": "select 2" }), ["query", "query.masked"]);
  assert.match(messageOf({ query: "delete from t" }), /^Only SELECT statements are supported for 'query'/);
  assert.deepEqual(namesOf({ query: "select id from t" }), ["incrementing.column.name"]);
  assert.deepEqual(namesOf({ query: "select id from t", mode: "bulk" }), []);
});

test("settingsProblems keeps SQL Server's isolation mode to SQL Server", () => {
  assert.equal(
    messageOf({ "transaction.isolation.mode": "SQL_SERVER_SNAPSHOT" }),
    "Isolation mode of `SQL_SERVER_SNAPSHOT` can only be configured with a Sql Server Dialect",
  );
});
