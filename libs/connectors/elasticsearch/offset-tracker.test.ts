import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OffsetTracker } from "./offset-tracker.ts";

const p0 = { topic: "t", partition: 0 };

test("commits up to the first record that is not done, per partition", () => {
  const tracker = new OffsetTracker();
  const [a, b, c] = [3, 4, 9].map((offset) => tracker.add(p0, offset));
  const ends = [
    { ...p0, offset: 12 },
    { topic: "u", partition: 1, offset: 5 },
  ];
  assert.deepEqual(tracker.committable(ends), [{ ...p0, offset: 3 }, ends[1]]);
  b!.done = true;
  assert.equal(tracker.committable(ends)[0]!.offset, 3);
  a!.done = true;
  assert.equal(tracker.committable(ends)[0]!.offset, 9);
  assert.equal(tracker.count, 1);
  c!.done = true;
  assert.equal(tracker.committable(ends)[0]!.offset, 12);
});

test("forgets partitions that are somebody else's", () => {
  const tracker = new OffsetTracker();
  tracker.add(p0, 3);
  tracker.forget([p0]);
  assert.equal(tracker.count, 0);
  assert.deepEqual(tracker.committable([{ ...p0, offset: 4 }]), [{ ...p0, offset: 4 }]);
});

test("never lets an offset be committed behind which a record is pending", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (done) => {
      const tracker = new OffsetTracker();
      const records = done.map((_, offset) => tracker.add(p0, offset));
      for (const [i, record] of records.entries()) record.done = done[i]!;
      const [{ offset } = { offset: 0 }] = tracker.committable([{ ...p0, offset: done.length }]);
      assert.equal(offset, done.indexOf(false) < 0 ? done.length : done.indexOf(false));
    }),
  );
});
