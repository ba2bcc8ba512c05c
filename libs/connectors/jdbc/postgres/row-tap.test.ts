import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { SchemaBuilder } from "@millrace/connect";
import type { ReadColumn } from "./received-row.ts";
import { RowCollector } from "./row-collector.ts";
import { RowTap, type RowTarget } from "./row-tap.ts";
import { readInteger, readString } from "./row-text.ts";

const columns: readonly ReadColumn[] = [
  { name: "id", read: readInteger, form: "digits" },
  { name: "text", read: readString, form: "utf8" },
];
const schema = SchemaBuilder.struct()
  .field("id", SchemaBuilder.int64().build())
  .field("text", SchemaBuilder.string().optional().build())
  .build();

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function dataRow(...values: (string | null)[]): Buffer {
  const parts = values.map((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value === null ? -1 : Buffer.byteLength(value));
    return Buffer.concat([length, Buffer.from(value ?? "")]);
  });
  return message("D", Buffer.concat([Buffer.from([0, values.length]), ...parts]));
}

test("RowTap takes rows out and passes all else on, however the bytes arrive", async () => {
  const long = `${"é".repeat(100)}!`;
  const others = [
    message("T", Buffer.from("columns")),
    message("C", Buffer.from("SELECT 3\0")),
    message("Z", Buffer.from("I")),
  ];
  const stream = Buffer.concat([
    others[0]!,
    dataRow("1", "a"),
    dataRow("-2", null),
    dataRow("3", long),
    others[1]!,
    others[2]!,
  ]);
  for (const size of [1, 3, 7, 64, stream.length]) {
    const collector = new RowCollector({ schema, columns });
    const target: RowTarget = { sink: collector };
    const wire = new PassThrough();
    const tap = new RowTap(wire as unknown as Socket, target);
    const passed: Buffer[] = [];
    tap.on("data", (chunk: Buffer) => passed.push(chunk));
    for (let at = 0; at < stream.length; at += size) wire.write(stream.subarray(at, at + size));
    wire.end();
    await new Promise((resolve) => tap.once("close", resolve));
    const structs = Array.from({ length: collector.length }, (_, row) => collector.struct(row));
    assert.deepEqual(
      structs.map((struct) => struct.values),
      [
        [1, "a"],
        [-2, null],
        [3, long],
      ],
    );
    assert.deepEqual([collector.value(2, 0), collector.value(1, 1), collector.value(0, 0)], [3, null, 1]);
    assert.deepEqual(Buffer.concat(passed), Buffer.concat(others));
  }
});
