import assert from "node:assert/strict";
import { test } from "node:test";
import { atBatchEnd, atEnd, type BoundaryRequest } from "./transaction-boundary.ts";

const requests: BoundaryRequest[] = ["none", "commit", "abort"];

test("atBatchEnd with poll boundaries always commits", () => {
  for (const request of requests) {
    assert.equal(atBatchEnd({ boundary: "poll", intervalMs: 1000, lastCommitMs: 0 }, request, 0), "commit");
  }
});

test("atBatchEnd with interval boundaries commits once the interval has passed", () => {
  const state = { boundary: "interval", intervalMs: 100, lastCommitMs: 1000 } as const;
  for (const [nowMs, expected] of [
    [1000, "none"],
    [1099, "none"],
    [1100, "commit"],
    [5000, "commit"],
  ] as const) {
    assert.equal(atBatchEnd(state, "none", nowMs), expected, `at ${nowMs}`);
  }
  assert.equal(atBatchEnd({ ...state, intervalMs: 0 }, "none", 1000), "commit");
});

test("atBatchEnd with connector boundaries does what was asked for", () => {
  for (const request of requests) {
    assert.equal(atBatchEnd({ boundary: "connector", intervalMs: 0, lastCommitMs: 0 }, request, 1e9), request);
  }
});

test("atEnd commits, except what a connector hasn't asked for", () => {
  for (const request of requests) {
    assert.equal(atEnd("poll", request), "commit");
    assert.equal(atEnd("interval", request), "commit");
    assert.equal(atEnd("connector", request), request);
  }
});
