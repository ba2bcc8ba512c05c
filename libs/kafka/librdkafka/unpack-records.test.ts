import assert from "node:assert/strict";
import { test } from "node:test";
import { packHeaders } from "./packed-headers.ts";
import { unpackRecords } from "./unpack-records.ts";

test("unpackRecords gives records and ends with what was null, empty or not known as such", () => {
  const headers = packHeaders([{ key: "h", value: null }]);
  const rows = Float64Array.from(
    [
      [0, 0, 3, 41, 1_000, 1, 1, 2, 0],
      [0, 0, 3, 42, -1, 0, -1, 0, headers.length],
      [1, 1, 0, 7, 0, 0, 0, 0, 0],
      [0, 1, 0, 2 ** 40, 5, 2, 0, -1, 0],
    ].flat(),
  );
  const bytes = Buffer.concat([Uint8Array.of(1, 2, 3), headers]);
  const { records, ends } = unpackRecords({ rows: new Uint8Array(rows.buffer), topics: ["t", "u"], bytes });
  const plain = (each: Uint8Array | null) => each && [...each];
  assert.deepEqual(
    records.map((record) => ({ ...record, key: plain(record.key), value: plain(record.value) })),
    [
      {
        topic: "t",
        partition: 3,
        offset: 41,
        key: [1],
        value: [2, 3],
        headers: [],
        timestampMs: 1_000,
        timestampType: "CreateTime",
      },
      {
        topic: "t",
        partition: 3,
        offset: 42,
        key: null,
        value: [],
        headers: [{ key: "h", value: null }],
        timestampMs: null,
        timestampType: "NoTimestampType",
      },
      {
        topic: "u",
        partition: 0,
        offset: 2 ** 40,
        key: [],
        value: null,
        headers: [],
        timestampMs: 5,
        timestampType: "LogAppendTime",
      },
    ],
  );
  assert.deepEqual(ends, [{ topic: "u", partition: 0, offset: 7 }]);
});
