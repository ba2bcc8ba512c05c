import assert from "node:assert/strict";
import { test } from "node:test";
import { ZonedText } from "./zoned-text.ts";

const summer = Date.UTC(2026, 6, 1, 22, 30, 5, 7);

test("ZonedText writes instants in UTC", () => {
  const utc = new ZonedText("UTC");
  assert.equal(utc.timestamp(summer), "2026-07-01 22:30:05.007");
  assert.equal(utc.timestampWithOffset(summer), "2026-07-01 22:30:05.007+00:00");
  assert.equal(utc.date(summer), "2026-07-01");
  assert.equal(utc.time(summer), "22:30:05.007");
});

test("ZonedText follows the offset of its zone through the year", () => {
  const berlin = new ZonedText("Europe/Berlin");
  assert.equal(berlin.timestampWithOffset(summer), "2026-07-02 00:30:05.007+02:00");
  assert.equal(berlin.date(summer), "2026-07-02");
  assert.equal(berlin.timestampWithOffset(Date.UTC(2026, 0, 1)), "2026-01-01 01:00:00.000+01:00");
  assert.equal(new ZonedText("America/St_Johns").timestampWithOffset(0), "1969-12-31 20:30:00.000-03:30");
});

test("ZonedText writes years of more than four digits and before the first", () => {
  const utc = new ZonedText("UTC");
  assert.equal(utc.timestamp(Date.UTC(12026, 0, 1)), "12026-01-01 00:00:00.000");
  const before = new Date(0);
  before.setUTCFullYear(-43, 2, 15);
  assert.equal(utc.timestamp(before.getTime()), "0044-03-15 00:00:00.000 BC");
  assert.equal(utc.date(before.getTime()), "0044-03-15 BC");
  assert.equal(utc.timestampWithOffset(before.getTime()), "0044-03-15 00:00:00.000+00:00 BC");
});
