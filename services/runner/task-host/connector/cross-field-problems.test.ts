import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, type SinkPlugin, type SourcePlugin } from "@millrace/connect";
import { crossFieldProblems } from "./cross-field-problems.ts";

type Support = SourcePlugin["exactlyOnceSupport"];
const base = { class: "test.C", version: "1", overview: "", config: new ConfigDef(), create: () => ({}) as never };
const enabled = { groupId: "g", exactlyOnceSourceSupport: "enabled" };

function source(exactlyOnceSupport?: Support, canDefineTransactionBoundaries?: Support): SourcePlugin {
  return {
    ...base,
    type: "source",
    ...(exactlyOnceSupport ? { exactlyOnceSupport } : {}),
    ...(canDefineTransactionBoundaries ? { canDefineTransactionBoundaries } : {}),
  };
}
const sink: SinkPlugin = { ...base, type: "sink" };
const oops = () => {
  throw new Error("oops");
};

const required: [name: string, plugin: SourcePlugin, worker: string, message: RegExp | null][] = [
  ["supported", source(() => "SUPPORTED"), "enabled", null],
  [
    "a worker without",
    source(() => "SUPPORTED"),
    "disabled",
    /^This worker does not have exactly-once source support enabled\.$/,
  ],
  ["a worker that prepares", source(() => "SUPPORTED"), "preparing", /^This worker does not have/],
  ["no statement", source(), "enabled", /^The connector does not implement the API required for preflight validation/],
  ["a null statement", source(() => null), "enabled", /^The connector does not implement the API/],
  [
    "unsupported",
    source(() => "UNSUPPORTED"),
    "enabled",
    /^The connector does not support exactly-once semantics with/,
  ],
  ["a plugin that throws", source(oops), "enabled", /^An unexpected error occurred during validation: oops$/],
];

for (const [name, plugin, worker, message] of required) {
  test(`invariant 19: exactly.once.support=required with ${name}`, () => {
    const config = { "exactly.once.support": "REQUIRED" };
    const problems = crossFieldProblems(plugin, config, { groupId: "g", exactlyOnceSourceSupport: worker });
    assert.equal(problems.length, message === null ? 0 : 1);
    if (message === null) return;
    assert.equal(problems[0]?.name, "exactly.once.support");
    assert.match(problems[0]?.message ?? "", message);
  });
}

test("crossFieldProblems lets any source request exactly-once", () => {
  for (const config of [{}, { "exactly.once.support": "requested" }]) {
    assert.deepEqual(
      crossFieldProblems(source(oops), config, { ...enabled, exactlyOnceSourceSupport: "disabled" }),
      [],
    );
  }
});

const boundaries: [name: string, support: Support | undefined, message: RegExp | null][] = [
  ["supported", () => "SUPPORTED", null],
  ["unsupported", () => "UNSUPPORTED", /^The connector does not support connector-defined transaction boundaries/],
  ["no statement", undefined, /^The connector does not support connector-defined/],
  ["a plugin that throws", oops, /^An unexpected error occurred during validation: oops$/],
];

for (const [name, support, message] of boundaries) {
  test(`crossFieldProblems: transaction.boundary=connector with ${name}`, () => {
    const problems = crossFieldProblems(source(undefined, support), { "transaction.boundary": "Connector" }, enabled);
    assert.equal(problems.length, message === null ? 0 : 1);
    if (message) assert.match(problems[0]?.message ?? "", message);
  });
}

const sinks: [name: string, config: Record<string, string>, problems: string[]][] = [
  ["topics", { name: "c", topics: "a" }, []],
  ["a pattern", { name: "c", "topics.regex": "a.*" }, []],
  ["neither", { name: "c", topics: " , " }, ["topics", "topics.regex"]],
  ["its own dead letters", { name: "c", topics: "a, b", "errors.deadletterqueue.topic.name": "b" }, ["topics"]],
  ["others' dead letters", { name: "c", topics: "a", "errors.deadletterqueue.topic.name": "b" }, []],
  [
    "a pattern for its own dead letters",
    { name: "c", "topics.regex": "a.*", "errors.deadletterqueue.topic.name": "ab" },
    ["topics.regex"],
  ],
  [
    "a pattern that begins like its dead letters",
    { name: "c", "topics.regex": "a", "errors.deadletterqueue.topic.name": "ab" },
    [],
  ],
  ["both", { name: "c", topics: "a", "topics.regex": "a" }, ["topics", "topics.regex"]],
  [
    "the worker's group",
    { name: "c", topics: "a", "consumer.override.group.id": "connect-x" },
    ["consumer.override.group.id"],
  ],
  ["a name that makes the worker's group", { name: "x", topics: "a" }, ["name"]],
  ["such a name and another group", { name: "x", topics: "a", "consumer.override.group.id": "mine" }, []],
];

for (const [name, config, expected] of sinks) {
  test(`crossFieldProblems of a sink: ${name}`, () => {
    const problems = crossFieldProblems(sink, config, { ...enabled, groupId: "connect-x" });
    assert.deepEqual(
      problems.map((problem) => problem.name),
      expected,
    );
  });
}
