import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sourceBlock, timeOf } from "./source-blocks.ts";

const NAMES = { version: "1", name: "server", database: "shop" };

function sequenceOf(commitLsn: number | null, lsn: number): unknown {
  const about = { schema: "public", table: "orders", txId: 1, xmin: null, origin: null, originLsn: null };
  return sourceBlock(NAMES, { time: timeOf(0), snapshot: null, commitLsn, lsn, ...about }).get("sequence");
}

test("the sequence names both places in decimal digits", () => {
  assert.equal(sequenceOf(null, 24_023_128), '[null,"24023128"]');
  const places = fc.oneof(fc.nat(2_000_000), fc.maxSafeNat());
  fc.assert(
    fc.property(places, places, (commitLsn, lsn) =>
      assert.equal(sequenceOf(commitLsn, lsn), JSON.stringify([String(commitLsn), String(lsn)])),
    ),
  );
});
