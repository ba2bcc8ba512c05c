import assert from "node:assert/strict";
import { test } from "node:test";
import { isExact, Replay, type TableEvent } from "./replay.ts";

let lsn = 0;
const event = (op: string, id: number, v: number, more: Partial<TableEvent> = {}): TableEvent => {
  const row = { id, v };
  return {
    op,
    lsn: ++lsn,
    snapshot: op === "r",
    before: op === "d" ? row : null,
    after: op === "d" ? null : row,
    ...more,
  };
};
const verdict = (events: readonly TableEvent[], table: readonly (readonly [number, number])[]) => {
  const replay = new Replay();
  for (const each of events) replay.read(each, true);
  return replay.compare(new Map(table));
};

test("events that give the table are exact", () => {
  const truncate = event("t", 0, 0, { after: null });
  const events = [event("r", 1, 5), event("u", 1, 6), event("c", 2, 0), event("d", 1, 6), event("c", 1, 0)];
  assert.ok(
    isExact(
      verdict(events, [
        [1, 0],
        [2, 0],
      ]),
    ),
  );
  assert.ok(isExact(verdict([event("r", 1, 5), truncate, event("c", 3, 0)], [[3, 0]])));
});

test("a change that is missing, comes twice or too late is found", () => {
  const update = event("u", 1, 6);
  assert.equal(verdict([event("r", 1, 5), update, update], [[1, 6]]).duplicated, 1);
  assert.equal(verdict([event("r", 1, 5), event("u", 1, 7)], [[1, 7]]).misfits, 1);
  assert.equal(verdict([event("r", 1, 5)], [[1, 6]]).lost, 1);
  assert.equal(verdict([event("r", 1, 5)], []).left, 1);
  assert.equal(verdict([event("r", 1, 5), event("c", 1, 0)], [[1, 0]]).misfits, 1);
  assert.equal(verdict([event("d", 1, 5)], []).misfits, 1);
});
