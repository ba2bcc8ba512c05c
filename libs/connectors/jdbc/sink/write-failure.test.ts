import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, isRetriable } from "@millrace/connect";
import { databaseError } from "../connection/database-error.ts";
import { mayPass, shownError } from "./write-failure.ts";

const failure = (code: string) => databaseError("Some database", Object.assign(new Error("no"), { code }));

test("lost connections, shortages and conflicts are retriable for every database", () => {
  const codes = [
    "ECONNREFUSED",
    "57P01",
    "40P01",
    "40001",
    "53300",
    "ER_LOCK_DEADLOCK",
    "PROTOCOL_CONNECTION_LOST",
    "SQLITE_BUSY",
  ];
  for (const code of [...codes, "1205", "ETIMEOUT", "ORA-00060", "NJS-500", "CONNECTION_CLOSED"]) {
    assert.ok(isRetriable(failure(code)) && mayPass(failure(code)), code);
  }
});

test("a write is not made again for values that fit no column and rows that are there already", () => {
  const codes = [
    "22001",
    "22P02",
    "23505",
    "23502",
    "ER_DUP_ENTRY",
    "ER_DATA_TOO_LONG",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
  ];
  for (const code of [...codes, "2627", "2628", "ORA-00001", "ORA-12899"])
    assert.equal(mayPass(failure(code)), false, code);
});

test("a write is made again for rows that lack another, and tables that changed; these are no lost connections", () => {
  for (const code of ["23503", "42P01", "42703", "ER_NO_SUCH_TABLE", "ER_NO_REFERENCED_ROW_2", "547"]) {
    assert.ok(mayPass(failure(code)) && !isRetriable(failure(code)), code);
  }
});

test("errors of our own, and of what is no database, are final", () => {
  assert.equal(mayPass(new ConnectError("Table is missing", { code: "TABLE_MISSING" })), false);
  assert.equal(mayPass(new TypeError("a mistake")), false);
});

test("trim.sensitive.log leaves out what may hold values of rows", () => {
  const cause = Object.assign(new Error("duplicate key"), {
    code: "23505",
    detail: "Key (email)=(ann@example.com) exists",
  });
  const error = databaseError("Postgres", cause);
  assert.equal(shownError(error, false).cause, cause);
  assert.equal(shownError(error, true).cause, undefined);
  assert.equal(shownError(error, true).message, "Postgres: duplicate key");
});
