import assert from "node:assert/strict";
import { test } from "node:test";
import { isForked, timelinesOf } from "./timelines.ts";

const history = "1\t0/1000\tno recovery target specified\n\n2\t0/2000\tno recovery target specified\n";
const third = timelinesOf(3, history);

test("timelinesOf reads where timelines ended, blank lines and reasons apart", () => {
  assert.deepEqual(
    [...third.ends],
    [
      [1, 0x1000],
      [2, 0x2000],
    ],
  );
  assert.deepEqual(timelinesOf(1, ""), { current: 1, ends: new Map() });
});

test("isForked compares a place with the end of its own timeline", () => {
  const forked = (lsn: number, timeline: number | null) => isForked({ lsn, timeline }, 0, third);
  assert.deepEqual([forked(0x2000, 2), forked(0x2001, 2), forked(0x9999, 3)], [false, true, false]);
  // Gone back to a server that was never promoted so often.
  assert.ok(isForked({ lsn: 0x1500, timeline: 3 }, 0, timelinesOf(2, "1\t0/1000\n")));
  assert.ok(isForked({ lsn: 0x500, timeline: 2 }, 0, timelinesOf(1, "")));
});

test("isForked goes by the slot where no timeline was stored", () => {
  const forked = (lsn: number, slotLsn: number) => isForked({ lsn, timeline: null }, slotLsn, third);
  assert.equal(forked(0x900, 0x800), false, "both servers had it");
  assert.equal(forked(0x1001, 0x1000), true, "only the first one had it");
  assert.equal(forked(0x2500, 0x1800), true, "the second one was promoted, too");
  assert.equal(forked(0x2500, 0x2400), false, "the slot was read behind the last promotion");
  assert.equal(isForked({ lsn: 0x2500, timeline: null }, 0, timelinesOf(1, "")), false);
});
