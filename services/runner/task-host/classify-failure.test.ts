import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, ConnectError, DataError, RetriableError, SerializationError } from "@millrace/connect";
import { KafkaError, type KafkaErrorKind } from "@millrace/kafka";
import { ProtocolError } from "@millrace/protocol";
import { classifyFailure, type FailureClass } from "./classify-failure.ts";

const coded = (code: string) => Object.assign(new Error(`code ${code}`), { code });
const kafka = (kind: KafkaErrorKind, code = "CODE", cause?: unknown) =>
  new KafkaError("kafka", { code, kind, ...(cause === undefined ? {} : { cause }) });
const wrapped = (cause: unknown) => new ConnectError("Exiting", { cause });
const tolerance = (cause: unknown) =>
  new ConnectError("Tolerance exceeded in error handler", { cause, code: "TOLERANCE_EXCEEDED" });
const circular = new ConnectError("first");
Object.assign(circular, { cause: wrapped(circular) });

const cases: readonly (readonly [name: string, error: unknown, expected: FailureClass])[] = [
  ["an error that calls itself retriable", new RetriableError("later"), "retriable"],
  ["and does so behind another", wrapped(new RetriableError("later")), "retriable"],
  ["and whatever its cause", new RetriableError("later", { cause: new DataError("bad") }), "retriable"],
  ["a refused connection", coded("ECONNREFUSED"), "retriable"],
  ["a connection lost behind fetch", new TypeError("fetch failed", { cause: coded("ECONNRESET") }), "retriable"],
  ["Postgres: connection failure", coded("08006"), "retriable"],
  ["Postgres: too many connections", coded("53300"), "retriable"],
  ["Postgres: shutting down", coded("57P01"), "retriable"],
  ["Postgres: deadlock", coded("40P01"), "retriable"],
  ["Postgres: lock not available", coded("55P03"), "retriable"],
  ["Postgres: wrong password", coded("28P01"), "config"],
  ["Postgres: no such table", new ConnectError("Postgres: none", { code: "42P01" }), "config"],
  ["Postgres: not a number", coded("22P02"), "poison"],
  ["Postgres: raised by a function", coded("P0001"), "fatal"],
  ["a pipe closed at the other end is no SQLSTATE", coded("EPIPE"), "retriable"],
  ["a service of ours that is away", new ProtocolError("UNAVAILABLE", "nobody"), "retriable"],
  ["a service of ours that refuses", new ProtocolError("INVALID", "no"), "fatal"],
  ["data that do not fit", new DataError("bad"), "poison"],
  ["bytes that cannot be read", new SerializationError("bad"), "poison"],
  ["a record above the tolerance", tolerance(new TypeError("bug")), "poison"],
  [
    "a converter that cannot reach its registry",
    tolerance(new DataError("x", { cause: coded("ETIMEDOUT") })),
    "retriable",
  ],
  ["a file that is not there", wrapped(coded("ENOENT")), "config"],
  ["a folder that may not be written", wrapped(coded("EACCES")), "config"],
  ["a setting that is wrong", new ConfigError("bad"), "config"],
  ["a database out of reach behind a setting", new ConfigError("bad", { cause: coded("ECONNREFUSED") }), "retriable"],
  ["a bug", new TypeError("x is not a function"), "fatal"],
  ["something thrown that is no error", "oops", "fatal"],
  ["nothing at all", undefined, "fatal"],
  ["causes in a circle", circular, "fatal"],
  ["Kafka away", kafka("retriable"), "retriable"],
  ["Kafka's answer unknown", kafka("indefinite"), "retriable"],
  ["a client that is unusable", kafka("fatal"), "retriable"],
  ["fenced", kafka("fenced", "PRODUCER_FENCED"), "fenced"],
  ["a topic that does not exist", kafka("invalid", "UNKNOWN_TOPIC_OR_PART"), "config"],
  ["not authorised", kafka("invalid", "GROUP_AUTHORIZATION_FAILED"), "config"],
  ["a topic that may not be made", wrapped(kafka("invalid", "POLICY_VIOLATION")), "config"],
  ["a record too large", kafka("invalid", "MSG_SIZE_TOO_LARGE"), "poison"],
  ["a transaction to abort", kafka("abortable"), "retriable"],
  ["a transaction to abort, for a record too large", kafka("abortable", "MSG_SIZE_TOO_LARGE"), "poison"],
  ["a transaction to abort, for no permission", kafka("abortable", "X", kafka("invalid")), "config"],
  ["a transaction to abort, for Kafka away", kafka("abortable", "X", kafka("retriable")), "retriable"],
];

for (const [name, error, expected] of cases) {
  test(`classifyFailure: ${name} is ${expected}`, () => assert.equal(classifyFailure(error).class, expected));
}

test("classifyFailure names the error that decided, and of what nobody knows the root", () => {
  const lost = coded("ECONNREFUSED");
  assert.equal(classifyFailure(wrapped(wrapped(lost))).error, lost);
  const bug = new TypeError("bug");
  assert.equal(classifyFailure(wrapped(bug)).error, bug);
  const bad = new DataError("bad", { cause: bug });
  assert.equal(classifyFailure(wrapped(bad)).error, bad);
});
