import assert from "node:assert/strict";
import { test } from "node:test";
import { isExact, Ledger, numberIn } from "./ledger.ts";

function ledgerOf(...read: readonly (readonly [partition: number, number: number])[]): Ledger {
  const ledger = new Ledger();
  for (const [partition, number] of read) ledger.read(partition, number);
  return ledger;
}

test("Ledger accepts every number once, ascending within its partition, gaps between them", () => {
  assert.ok(isExact(ledgerOf([0, 1], [1, 2], [0, 70_000], [1, 5]).compare([1, 2, 5, 70_000])));
});

test("Ledger counts lost, duplicated, reordered and unexpected apart", () => {
  const verdict = ledgerOf([0, 1], [0, 3], [0, 2], [1, 3], [0, 9]).compare([1, 2, 3, 4]);
  assert.deepEqual(verdict, { written: 4, read: 5, lost: 1, duplicated: 1, reordered: 1, unexpected: 1 });
  assert.equal(isExact(verdict), false);
});

test("numberIn finds the number of a JSON row and of a line, and refuses a record without one", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assert.equal(numberIn(bytes('{"id":1234,"note":"7"}')), 1234);
  assert.equal(numberIn(bytes("88")), 88);
  assert.throws(() => numberIn(bytes("none")), /without a number: none/);
});
