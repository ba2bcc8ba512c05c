import assert from "node:assert/strict";
import { test } from "node:test";
import type { OffsetMap } from "@millrace/connect";
import fc from "fast-check";
import { ResumePoint, readTo, storedPosition } from "./position.ts";

test("understands offsets of a snapshot and of the stream", () => {
  assert.equal(storedPosition(null), null);
  const unfinished = { snapshot: "INITIAL", snapshot_completed: false, last_snapshot_record: false, lsn: 5, txId: 7 };
  assert.equal(storedPosition(unfinished)?.snapshotUnfinished, true);
  const finished = { ...unfinished, snapshot_completed: true, last_snapshot_record: true };
  assert.equal(storedPosition(finished)?.snapshotUnfinished, false);
  assert.equal(storedPosition({ lsn: 9, lsn_commit: 8, txId: 7, messageType: "INSERT" })?.commitLsn, 8);
});

interface Transaction {
  readonly txId: number;
  readonly commitLsn: number;
  readonly changes: readonly number[];
}

/** Interleaved in the log, sent in the order of their commits. */
const transactions: readonly Transaction[] = [
  { txId: 11, commitLsn: 30, changes: [10, 12, 28] },
  { txId: 10, commitLsn: 40, changes: [5, 11, 35] },
  { txId: 13, commitLsn: 60, changes: [45, 50] },
  { txId: 12, commitLsn: 70, changes: [41, 48, 65] },
];
const all = transactions.flatMap(({ txId, changes }) => changes.map((lsn) => `${txId}:${lsn}`));

test("after a stop at any record the rest comes, once, whether or not the slot was confirmed", () => {
  fc.assert(
    fc.property(fc.nat({ max: all.length - 1 }), fc.boolean(), (last, confirmed) => {
      const done = transactions.map(({ changes }) => changes.length);
      let left = last + 1;
      let at = 0;
      while (left > done[at]!) left -= done[at++]!;
      const current = transactions[at]!;
      const commitLsn = at === 0 ? {} : { lsn_commit: transactions[at - 1]!.commitLsn + 1 };
      const offset = { lsn: current.changes[left - 1]!, txId: current.txId, messageType: "INSERT", ...commitLsn };
      const resume = new ResumePoint(storedPosition(offset));
      // The slot may only be confirmed past what is handed over in full.
      const first = confirmed ? (left === current.changes.length ? at + 1 : at) : 0;
      // Without a commit before it the first transaction is the first the slot sends.
      const sent = transactions.slice(at === 0 ? Math.max(first, 0) : first);
      const received: string[] = [];
      for (const { txId, commitLsn: end, changes } of sent) {
        resume.begin(txId, end);
        for (const lsn of changes) if (!resume.skipsChange(lsn)) received.push(`${txId}:${lsn}`);
      }
      assert.deepEqual(received, all.slice(last + 1));
    }),
  );
});

test("a change's place is where it begins, so the log was read beyond it", () => {
  const to = (offset: OffsetMap) => readTo(storedPosition(offset)!);
  assert.equal(to({ lsn: 40, txId: 3, messageType: "INSERT" }), 41);
  assert.equal(to({ lsn: 40, txId: 3, messageType: "INSERT", lsn_commit: 50 }), 50);
  assert.equal(to({ lsn: 40, txId: 3, messageType: "COMMIT" }), 40);
  assert.equal(to({ lsn: 40, txId: 3, snapshot: "INITIAL", snapshot_completed: true }), 40);
});

test("what the snapshot holds is not streamed again", () => {
  const offset = { lsn: 40, txId: 3, snapshot: "INITIAL", snapshot_completed: true, last_snapshot_record: true };
  const resume = new ResumePoint(storedPosition(offset));
  resume.begin(10, 39);
  assert.equal(resume.skipsChange(20), true);
  resume.begin(11, 41);
  assert.equal(resume.skipsChange(20), false);
});

test("a message stands where the next change may begin", () => {
  const resume = new ResumePoint(storedPosition({ lsn: 20, txId: 10, messageType: "MESSAGE" }));
  resume.begin(10, 40);
  assert.equal(resume.skipsMessage(20, true), true);
  assert.equal(resume.skipsChange(20), false);
  assert.equal(resume.skipsChange(19), true);
});
