import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { WINDOW_DEFAULT, Windowed } from "./windowed.ts";

type Step = [nowMs: number, value: number] | [nowMs: number, value: null, ...measured: (number | null)[]];

/** Recorded from Kafka 4.3.1's Rate, Avg, Max and Min. */
const cases: { sampleMs: number; samples: number; steps: Step[] }[] = JSON.parse(
  readFileSync(new URL("./windowed.vectors.json", import.meta.url), "utf8"),
);

const close = (ours: number, kafkas: number | null) =>
  kafkas === null ? Number.isNaN(ours) : Math.abs(ours - kafkas) <= 1e-9 * Math.abs(kafkas);

test("Windowed measures what Kafka's own statistics measure", () => {
  for (const { sampleMs, samples, steps } of cases) {
    // Each of Kafka's has samples of its own, and being asked for a rate begins one.
    const [rate, average, max, min] = Array.from({ length: 4 }, () => new Windowed({ sampleMs, samples }));
    for (const [nowMs, value, ...measured] of steps) {
      if (value !== null) for (const each of [rate, average, max, min]) each!.record(value, nowMs);
      else {
        const ours = [rate!.rate(nowMs), average!.average(nowMs), max!.max(nowMs), min!.min(nowMs)];
        assert.ok(
          ours.every((number, i) => close(number, measured[i]!)),
          `${JSON.stringify({ sampleMs, samples, nowMs })}: ${ours} instead of ${measured}`,
        );
      }
    }
  }
});

test("Windowed forgets what is older than all its samples", () => {
  const window = new Windowed(WINDOW_DEFAULT);
  window.record(600, 0);
  assert.equal(window.rate(0), 20);
  assert.equal(window.max(59_999), 600);
  assert.ok(Number.isNaN(window.max(60_000)));
  assert.equal(window.rate(60_000), 0);
});
