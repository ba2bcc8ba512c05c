import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders } from "@millrace/connect";
import { dropHeaders } from "./drop-headers.ts";
import { insertHeader } from "./insert-header.ts";
import { configured, sinkRecord, sourceRecord } from "./testing/records.ts";

const keys = (headers: ConnectHeaders | null | undefined) => [...(headers ?? [])].map((header) => header.key);

test("drops every header of the names, from a copy", () => {
  const headers = new ConnectHeaders().add("a", 1).add("b", 2).add("a", 3).add("A", 4);
  const drop = configured(dropHeaders, { headers: "a,c" });
  assert.deepEqual(keys(drop.apply(sinkRecord({ headers }))?.headers), ["b", "A"]);
  assert.equal(headers.size, 4);
  const untouched = sourceRecord();
  assert.equal(drop.apply(untouched), untouched);
});

test("InsertHeader adds behind what is there, from a copy", () => {
  const headers = new ConnectHeaders().add("h", "old");
  const insert = configured(insertHeader, { header: "h", "value.literal": "1" });
  const inserted = insert.apply(sinkRecord({ headers }))?.headers;
  assert.deepEqual(keys(inserted), ["h", "h"]);
  assert.equal(inserted?.lastWithName("h")?.schema?.type, "INT8");
  assert.equal(headers.size, 1);
  assert.deepEqual(keys(insert.apply(sourceRecord())?.headers), ["h"]);
});
