import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCases } from "./golden-case.ts";

const CASE = '{"id":"a-1","group":"a","kind":"transform","expect":{}}';

test("parseCases takes either end of line, blank lines, a byte order mark and a last line without an end", () => {
  for (const text of [CASE, `${CASE}\n`, `${CASE}\r\n\r\n`, `\ufeff\n \n${CASE}`]) {
    const { cases, bad } = parseCases(text);
    assert.deepEqual([cases.map(({ id }) => id), bad], [["a-1"], []]);
  }
  assert.deepEqual(parseCases(""), { cases: [], bad: [] });
});

test("parseCases tells lines that are no cases, and goes on behind them", () => {
  const lines = ["{oops", "[1]", '{"id":"a"}', '{"id":"a","kind":"transform"}', CASE];
  const { cases, bad } = parseCases(lines.join("\n"));
  assert.equal(cases.length, 1);
  assert.deepEqual(
    bad.map(({ number, problem }) => `${number} ${problem.replace(/: .*/, "")}`),
    ["1 no JSON", "2 no case", "3 no case", "4 no case"],
  );
  assert.match(bad[3]!.problem, /a has no expect/);
});
