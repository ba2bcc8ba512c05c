import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CUTOVER_DAY, julianDate, julianMonthStart } from "./julian-calendar.ts";
import { valueText } from "./value-text.ts";
import { Values } from "./values.ts";

test("dates before 1582-10-15 read as Java has them", () => {
  assert.equal(valueText(new Date(-12219292800000)), "Fri Oct 15 00:00:00 UTC 1582");
  assert.equal(valueText(new Date(-12219292800001)), "Thu Oct 04 23:59:59 UTC 1582");
  assert.equal(valueText(new Date(-62135596800000)), "Mon Jan 03 00:00:00 UTC 1");
  assert.equal(valueText(new Date("0000-01-01T00:00:00Z")), "Sat Jan 03 00:00:00 UTC 1");
});

test("a year before 1582 stays Julian, however many months are added", () => {
  assert.equal((Values.parseString("12-38765-4")!.value as Date).getTime(), 40153017600000);
});

test("julianDate undoes julianMonthStart", () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000_000, max: CUTOVER_DAY }), (epochDay) => {
      const { year, month, day } = julianDate(epochDay);
      assert.equal(julianMonthStart(year, month) + day - 1, epochDay);
    }),
  );
});
