import assert from "node:assert/strict";
import { test } from "node:test";
import type { KafkaErrorKind } from "../errors.ts";
import { classify, type Failure, type Operation } from "./classify.ts";

const cases: readonly [why: string, Failure, Operation, transactional: boolean, KafkaErrorKind][] = [
  ["a fenced commit, which is also fatal", { code: "_FENCED", isFatal: true }, "commitTransaction", true, "fenced"],
  ["an old epoch", { code: "INVALID_PRODUCER_EPOCH", isFatal: true }, "commitTransaction", true, "fenced"],
  ["an old group generation", { code: "ILLEGAL_GENERATION" }, "commitOffsets", false, "fenced"],
  [
    "a commit after a failed record",
    { code: "_FAIL", isTxnRequiresAbort: true },
    "commitTransaction",
    true,
    "abortable",
  ],
  ["a commit without an answer", { code: "_TIMED_OUT", isRetriable: true }, "commitTransaction", true, "indefinite"],
  ["an abort without an answer", { code: "_TIMED_OUT" }, "abortTransaction", true, "indefinite"],
  ["a commit out of order", { code: "_STATE" }, "commitTransaction", true, "fatal"],
  ["init without an answer", { code: "_TIMED_OUT", isRetriable: true }, "initTransactions", true, "retriable"],
  ["init while the predecessor ends", { code: "CONCURRENT_TRANSACTIONS" }, "initTransactions", true, "retriable"],
  ["init without permission", { code: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED" }, "initTransactions", true, "invalid"],
  ["a record too large", { code: "MSG_SIZE_TOO_LARGE" }, "send", true, "invalid"],
  ["a record after a failed one", { code: "_STATE" }, "send", true, "abortable"],
  ["a record that timed out", { code: "_MSG_TIMED_OUT" }, "flush", false, "retriable"],
  ["a transactional record that timed out", { code: "_MSG_TIMED_OUT" }, "flush", true, "abortable"],
  ["a fatal error", { code: "_FATAL", isFatal: true }, "send", false, "fatal"],
  ["an unknown topic when administering", { code: "UNKNOWN_TOPIC_OR_PART" }, "admin", false, "invalid"],
  ["an unknown topic when consuming", { code: "UNKNOWN_TOPIC_OR_PART" }, "consume", false, "retriable"],
  ["a leader that has changed", { code: "FENCED_LEADER_EPOCH" }, "admin", false, "retriable"],
  ["a leader that is not known yet", { code: "UNKNOWN_LEADER_EPOCH" }, "admin", false, "retriable"],
  ["no connection", { code: "_TRANSPORT" }, "connect", false, "retriable"],
];

for (const [why, failure, operation, transactional, kind] of cases) {
  test(`classify calls ${why} ${kind}`, () => {
    assert.equal(classify(failure, operation, transactional), kind);
  });
}
