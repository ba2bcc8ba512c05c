import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkReport } from "@millrace/protocol";
import { boundTraces } from "./bounded-traces.ts";

const report = (task: number, trace: string | null): WorkReport => ({
  connector: "c",
  task,
  generation: 1,
  restart: 0,
  state: trace === null ? "RUNNING" : "FAILED",
  active: trace === null,
  trace,
  version: "1",
});
const reports = (...traces: (string | null)[]) => traces.map((trace, task) => report(task, trace));
const lengths = (bounded: readonly WorkReport[]) => bounded.map(({ trace }) => trace?.length);

test("boundTraces leaves traces alone that fit together", () => {
  const given = reports("x".repeat(60), null, "y".repeat(40));
  assert.deepEqual(boundTraces(given, 100), given);
});

test("boundTraces cuts the longest to one length, which what the others leave over makes longer", () => {
  const bounded = boundTraces(reports("a".repeat(500), "b".repeat(10), null, "c".repeat(200), "d".repeat(40)), 130);
  assert.deepEqual(lengths(bounded), [40, 10, undefined, 40, 40]);
  assert.deepEqual([bounded[0]?.state, bounded[0]?.trace], ["FAILED", "a".repeat(40)]);
});

test("boundTraces counts bytes as they are sent", () => {
  const bounded = boundTraces(reports("é".repeat(100), "\u0001".repeat(100)), 120);
  assert.deepEqual(lengths(bounded), [30, 10]);
});

test("boundTraces keeps the traces of a thousand failed tasks within a quarter of a message", () => {
  const bounded = boundTraces(reports(...Array.from({ length: 1000 }, () => "at somewhere\n".repeat(600))));
  assert.ok(Buffer.byteLength(JSON.stringify(bounded)) < 512_000);
});
