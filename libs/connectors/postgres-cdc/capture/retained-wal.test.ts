import assert from "node:assert/strict";
import { test } from "node:test";
import { type Retained, retainedWal } from "./retained-wal.ts";

const MB = 2 ** 20;
const retained = (megabytes: number, more: Partial<Retained> = {}): Retained => ({
  retainedBytes: megabytes * MB,
  behindBytes: 0,
  confirmed: "0/1",
  status: "reserved",
  ...more,
});
const limits = { warnBytes: 100 * MB, maxBytes: 0 };

test("warns above the limit, again when it has doubled, and anew after all was well", () => {
  let warnedBytes = 0;
  const warned = [90, 110, 150, 230, 400, 50, 120].map((megabytes) => {
    const found = retainedWal(retained(megabytes), null, warnedBytes, limits);
    warnedBytes = found.warnedBytes;
    return found.warns;
  });
  assert.deepEqual(warned, [false, true, false, true, false, false, true]);
  assert.equal(retainedWal(retained(9000), null, 0, { warnBytes: 0, maxBytes: 0 }).warns, false);
});

test("warns once when the server is about to remove what is needed, however little that is", () => {
  const endangered = retained(1, { status: "unreserved" });
  assert.equal(retainedWal(endangered, retained(1), 0, limits).warns, true);
  assert.equal(retainedWal(endangered, endangered, 0, limits).warns, false);
});

test("says when more is kept than is allowed", () => {
  assert.equal(retainedWal(retained(50), null, 0, { warnBytes: 0, maxBytes: 40 * MB }).exceeds, true);
  assert.equal(retainedWal(retained(50), null, 0, limits).exceeds, false);
});

test("a slot that stands still while the log goes on is moved on", () => {
  const still = retained(20, { behindBytes: 20 * MB });
  assert.equal(retainedWal(still, null, 0, limits).nudges, false);
  assert.equal(retainedWal(still, still, 0, limits).nudges, true);
  assert.equal(retainedWal({ ...still, confirmed: "0/2" }, still, 0, limits).nudges, false);
  assert.equal(retainedWal({ ...still, behindBytes: MB }, still, 0, limits).nudges, false);
});
