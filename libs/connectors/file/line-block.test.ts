import assert from "node:assert/strict";
import { isAscii } from "node:buffer";
import { test } from "node:test";
import { completeLinesEnd, LineBlock } from "./line-block.ts";

const target = { topic: "lines", sourcePartition: { filename: "f" } };

function lines(text: string, start = 0): [unknown, unknown][] {
  const bytes = Buffer.from(text);
  const complete = bytes.subarray(0, completeLinesEnd(bytes));
  return new LineBlock(complete, isAscii(complete), start)
    .take(100, target, 5)
    .map((record) => [record.value, record.sourceOffset?.position]);
}

test("LineBlock ends lines at \\n, \\r and \\r\\n and counts terminators", () => {
  assert.deepEqual(lines("a\nb\r\nc\rd\n"), [
    ["a", 2],
    ["b", 5],
    ["c", 7],
    ["d", 9],
  ]);
  assert.deepEqual(lines("\n\r\n\rx\n"), [
    ["", 1],
    ["", 3],
    ["", 4],
    ["x", 6],
  ]);
});

test("LineBlock counts positions in bytes, from where the block starts", () => {
  assert.deepEqual(lines("grüße\n日本\r\nend\n", 100), [
    ["grüße", 108],
    ["日本", 116],
    ["end", 120],
  ]);
});

test("LineBlock hands out at most recordsMax and goes on where it stopped", () => {
  const block = new LineBlock(Buffer.from("a\nb\nc\n"), true, 0);
  assert.deepEqual(
    block.take(2, target, 1).map((record) => record.value),
    ["a", "b"],
  );
  assert.equal(block.empty, false);
  assert.deepEqual(
    block.take(2, target, 1).map((record) => record.value),
    ["c"],
  );
  assert.equal(block.empty, true);
});

test("completeLinesEnd leaves out an unfinished line and a last \\r", () => {
  const end = (text: string) => completeLinesEnd(Buffer.from(text));
  assert.equal(end(""), 0);
  assert.equal(end("abc"), 0);
  assert.equal(end("abc\r"), 0);
  assert.equal(end("\r"), 0);
  assert.equal(end("\n"), 1);
  assert.equal(end("a\nbc"), 2);
  assert.equal(end("a\nb\rc"), 4);
  assert.equal(end("a\nb\r"), 2);
  assert.equal(end("a\rb\r"), 2);
  assert.equal(end("a\r\n"), 3);
});
