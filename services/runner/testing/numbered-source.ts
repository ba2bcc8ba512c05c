import assert from "node:assert/strict";
import type { SourceTaskContext } from "@millrace/connect";
import type { FakeCluster } from "@millrace/kafka/fake";
import { committedOffsets, committedValues, record, type ScriptedTask } from "./host-fixture.ts";

export interface NumberedOptions {
  /** Records 1 to `total`, then nothing. */
  readonly total: number;
  readonly batch?: number;
  readonly pollMs?: number;
  /** Called in each commit with the highest number polled by then. */
  readonly committed?: (polled: number) => void;
}

/** A source of the numbers 1 to `total` in partition `a`, which goes on behind its committed offset. */
export function numberedTask(options: NumberedOptions): ScriptedTask {
  const { total, batch = 3, pollMs = 5, committed } = options;
  let last = 0;
  return {
    async start(context: SourceTaskContext) {
      const offset = await context.offsets.offset({ p: "a" });
      last = Number(offset?.n ?? 0);
    },
    async poll(context: SourceTaskContext) {
      await context.sleep(last < total ? pollMs : 500, context.signal);
      const to = Math.min(total, last + batch);
      const records = Array.from({ length: to - last }, (_, i) => record(last + i + 1));
      last = to;
      return records;
    },
    commit: () => committed?.(last),
  };
}

export function numbers(to: number): string[] {
  return Array.from({ length: to }, (_, i) => `a${i + 1}`);
}

/** Invariants 1 and 2: what is visible is 1..k, once each, in order, and the visible offset is k. */
export function assertExactlyOnceSoFar(cluster: FakeCluster): number {
  const values = committedValues(cluster);
  assert.deepEqual(values, numbers(values.length));
  assert.equal(committedOffsets(cluster).a ?? 0, values.length, "the offset is that of the last visible record");
  return values.length;
}

/**
 * What at-least-once promises at any time: every record up to the stored offset is there. First occurrences are in order,
 * unless a record was refused while later ones got through. @returns how many of 1, 2, … are there without a gap.
 */
export function assertAtLeastOnceSoFar(cluster: FakeCluster, order: "kept" | "gaps" = "kept"): number {
  const first = [...new Set(committedValues(cluster))];
  if (order === "kept") assert.deepEqual(first, numbers(first.length));
  const there = new Set(first);
  let complete = 0;
  while (there.has(`a${complete + 1}`)) complete++;
  assert.ok((committedOffsets(cluster).a ?? 0) <= complete, "the offset is not ahead of the records");
  return complete;
}
