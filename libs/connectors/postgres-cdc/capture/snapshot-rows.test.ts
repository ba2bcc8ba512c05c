import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRecord, Struct } from "@millrace/connect";
import { EventMaker } from "../events/event-maker.ts";
import { shapeOf } from "../testing/sample-table.ts";
import { SnapshotRows, TableRows } from "./snapshot-rows.ts";

function open() {
  const records: SourceRecord[] = [];
  const rows = new SnapshotRows({
    names: { version: "1", name: "p", database: "d" },
    maker: new EventMaker({
      prefix: "p",
      messageTopic: "m",
      heartbeatTopic: "h",
      tombstones: true,
      context: null,
      nowMs: () => 5,
    }),
    position: { lsn: 10, resumeLsn: 10, txId: 7, tsUs: 0, commitLsn: null, timeline: null },
    offset: null,
    emit: (record) => records.push(record) > 0,
    nowMs: () => 5,
  });
  const table = (first: boolean) => new TableRows(shapeOf([["id", "int4", -1, true]]), first);
  const shown = () =>
    records.map(({ value, sourceOffset }) => {
      const event = value as Struct;
      const id = event.getStruct("after")!.getInt32("id");
      return `${id} ${event.getStruct("source")!.getString("snapshot")}${sourceOffset!.last_snapshot_record ? "!" : ""}`;
    });
  return { rows, table, shown, records };
}

test("markers say where a table and the snapshot begin and end, one table after the other", () => {
  const { rows, table, shown } = open();
  const [a, b, c] = [table(true), table(false), table(false)];
  for (const id of [1, 2, 3]) rows.row(a, [id]);
  rows.end(a);
  rows.row(b, [4]);
  rows.end(b);
  for (const id of [5, 6]) rows.row(c, [id]);
  rows.end(c);
  rows.finish();
  assert.deepEqual(shown(), [
    "1 first",
    "2 true",
    "3 last_in_data_collection",
    "4 last_in_data_collection",
    "5 first_in_data_collection",
    "6 last!",
  ]);
});

test("tables that are read side by side each have their markers, and the last record of all is the last", () => {
  const { rows, table, shown } = open();
  const [a, b, empty] = [table(true), table(false), table(false)];
  rows.row(a, [1]);
  rows.row(b, [11]);
  rows.row(a, [2]);
  rows.row(b, [12]);
  rows.row(b, [13]);
  rows.end(b);
  rows.row(a, [3]);
  rows.end(a);
  rows.end(empty);
  rows.finish();
  assert.deepEqual(shown(), [
    "1 first",
    "11 first_in_data_collection",
    "12 true",
    "13 last_in_data_collection",
    "2 true",
    "3 last!",
  ]);
});

test("events do not share what a transform may change", () => {
  const { rows, table, records } = open();
  const a = table(true);
  for (const id of [1, 2, 3, 4, 5]) rows.row(a, [id]);
  const [second, third] = records.slice(1).map(({ value }) => (value as Struct).getStruct("source")!);
  second!.put("db", "changed");
  assert.equal(third!.getString("db"), "d");
});
