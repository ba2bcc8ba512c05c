import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Schema } from "@millrace/connect";
import { testSink, testSource } from "@millrace/connect/testing";
import { FileStreamSink, FileStreamSource } from "./plugin.ts";

const dir = mkdtempSync(join(tmpdir(), "millrace-file-acceptance-"));
after(() => rmSync(dir, { recursive: true }));
const [input, output] = [join(dir, "in.txt"), join(dir, "out.txt")];
writeFileSync(input, Array.from({ length: 40 }, (_, i) => `line ${i} äöü\n`).join(""));

testSource(FileStreamSource, { config: { file: input, topic: "lines", "batch.size": "7" }, records: 40 });
testSink(FileStreamSink, {
  config: { file: output },
  records: ["one", "two", "three"].map((value) => ({ valueSchema: Schema.STRING, value })),
  verify: () => assert.equal(readFileSync(output, "utf8"), "one\ntwo\nthree\n"),
});
