import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDateText, parseTimestampText, parseTimeText, temporalText } from "./temporal-text.ts";
import { valueText } from "./value-text.ts";

test("dates before 1582-10-15 read as Java has them", () => {
  assert.equal(valueText(new Date(-12219292800000)), "Fri Oct 15 00:00:00 UTC 1582");
  assert.equal(valueText(new Date(-12219292800001)), "Thu Oct 04 23:59:59 UTC 1582");
  assert.equal(valueText(new Date(-62135596800000)), "Mon Jan 03 00:00:00 UTC 1");
  assert.equal(valueText(new Date("0000-01-01T00:00:00Z")), "Sat Jan 03 00:00:00 UTC 1");
});

test("fields carry over, and digits may be those of any script", () => {
  const cases: readonly (readonly [Date | null, number | null])[] = [
    [parseDateText("2024-02-30"), Date.UTC(2024, 2, 1)],
    [parseDateText("12-38765-4"), 40153017600000],
    [parseDateText("24-٣-1E2xx"), -61396272000000],
    [parseTimeText("1:۵۵:10.24Z 1"), 6910024],
    [parseTimestampText("0004-0-60T5:1:۵.9Z"), -62038724334991],
    [parseDateText("12-12-1E21"), null],
    [parseDateText("20240230"), null],
  ];
  for (const [date, ms] of cases) assert.equal(date?.getTime() ?? null, ms);
});

test("temporalText is a time, a date or a timestamp", () => {
  const texts = [1, 86_400_000, 86_400_001].map((ms) => temporalText(new Date(ms)));
  assert.deepEqual(texts, ["00:00:00.001Z", "1970-01-02", "1970-01-02T00:00:00.001Z"]);
});
