import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConfigDef,
  ConnectError,
  type ConnectRecord,
  definePlugin,
  RetriableError,
  type SinkRecord,
  type SinkTaskContext,
} from "@millrace/connect";
import { openSinkFixture, type ScriptedSink, type SinkFixture, sinkWork } from "../../testing/sink-fixture.ts";
import { RunningTask } from "../running-task.ts";

const JSON_VALUES = {
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter.schemas.enable": "false",
};
const DLQ = {
  "errors.deadletterqueue.topic.name": "dlq",
  "errors.deadletterqueue.topic.replication.factor": "1",
  "errors.deadletterqueue.context.headers.enable": "true",
};
const ALL = { "errors.tolerance": "all" };
const worker = { "offset.flush.interval.ms": "1000", "millrace.auto.restart": "false" };

/** `test.Scripted` is a transform that does what `apply` says. */
function open(script: ScriptedSink = {}, apply: (record: ConnectRecord) => ConnectRecord | null = (record) => record) {
  const transform = definePlugin({
    type: "transformation",
    class: "test.Scripted",
    version: "1",
    overview: "Does what the test says.",
    config: new ConfigDef(),
    create: () => ({ configure() {}, apply: apply as <R extends ConnectRecord>(record: R) => R | null }),
  });
  return openSinkFixture(script, { worker, plugins: [transform] });
}

const TRANSFORM = { transforms: "t", "transforms.t.type": "test.Scripted" };

function start(fixture: SinkFixture, config: Record<string, string>): RunningTask {
  return new RunningTask(fixture.env, sinkWork({ config }), fixture.link);
}

const text = (bytes: Uint8Array | null | undefined) => bytes && new TextDecoder().decode(bytes);

/** The dead letters: value, and the context by name without its prefix. */
function letters({ cluster }: SinkFixture) {
  return cluster.log("dlq").map(({ value, headers }) => ({
    value: text(value),
    context: Object.fromEntries(headers.map((each) => [each.key.replace("__connect.errors.", ""), text(each.value)])),
  }));
}

const failed = (fixture: SinkFixture) =>
  fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
const trace = ({ reports }: SinkFixture) => reports.at(-1)?.trace ?? "";

test("a record that cannot be read goes to the dead letter queue, its neighbours to the sink", async () => {
  const fixture = open();
  const task = start(fixture, { ...JSON_VALUES, ...ALL, ...DLQ });
  await fixture.write(["1", "{", "2"]);
  await fixture.until("the good ones are put", () => fixture.values.length === 2);
  await fixture.until("all is committed", () => fixture.committed() === 3);
  const [letter, ...others] = letters(fixture);
  assert.deepEqual([fixture.values, others, letter?.value], [["1", "2"], [], "{"]);
  const { "exception.message": message, "exception.stacktrace": stack, ...rest } = letter?.context ?? {};
  assert.deepEqual(rest, {
    topic: "in",
    partition: "0",
    offset: "1",
    "connector.name": "c",
    "task.id": "0",
    stage: "VALUE_CONVERTER",
    "class.name": "org.apache.kafka.connect.json.JsonConverter",
    "exception.class.name": "org.apache.kafka.connect.errors.DataException",
  });
  assert.ok(stack?.startsWith(`org.apache.kafka.connect.errors.DataException: ${message}\n\tat `), stack ?? "");
  assert.equal(fixture.cluster.topics.get("dlq"), 1);
  const { recordFailures, recordErrors, recordsSkipped, deadLetterRequests, deadLetterFailures } = task.stats;
  assert.deepEqual(
    [recordFailures, recordErrors, recordsSkipped, deadLetterRequests, deadLetterFailures],
    [1, 1, 1, 1, 0],
  );
  await fixture.stop(task);
});

test("with tolerance none the dead letter is written, then the task fails", async () => {
  const fixture = open();
  const task = start(fixture, { ...JSON_VALUES, ...DLQ, "errors.log.enable": "true" });
  await fixture.write(["{"]);
  await failed(fixture);
  assert.match(
    trace(fixture),
    /^org\.apache\.kafka\.connect\.errors\.ConnectException: Tolerance exceeded in error handler\n/,
  );
  assert.deepEqual([letters(fixture).length, task.stats.errorsLogged, fixture.committed()], [1, 1, null]);
  await fixture.stop(task);
});

test("errors.log.enable logs Connect's line, with coordinates where they are wanted and never the content", async () => {
  for (const include of ["false", "true"]) {
    const fixture = open();
    const log = { "errors.log.enable": "true", "errors.log.include.messages": include };
    const task = start(fixture, { ...JSON_VALUES, ...ALL, ...log });
    await fixture.write(["{secret"]);
    await fixture.until("it is skipped", () => task.stats.recordsSkipped === 1);
    const [line] = fixture.logs.filter(({ message }) => message.startsWith("Error encountered in task"));
    const where =
      include === "true"
        ? /, where consumed record is {topic='in', partition=0, offset=0, timestamp=\d+, timestampType=CreateTime}\.$/
        : /JsonConverter'\.$/;
    assert.match(line?.message ?? "", where);
    assert.equal(line?.level, "error");
    assert.equal(task.stats.errorsLogged, 1);
    await fixture.stop(task);
  }
});

test("a transform that fails retriably is tried again within errors.retry.timeout", async () => {
  let failures = 2;
  const fixture = open({}, (record) => {
    if (failures-- > 0) throw new RetriableError("later");
    return record;
  });
  const task = start(fixture, { ...TRANSFORM, "errors.retry.timeout": "10000" });
  await fixture.write(["1"]);
  await fixture.until("it is put", () => fixture.values.length === 1);
  assert.deepEqual([task.stats.retries, task.stats.recordFailures, task.stats.recordErrors], [2, 2, 0]);
  await fixture.stop(task);
});

test("a transform that fails goes to the dead letter queue by its own name", async () => {
  const fixture = open({}, (record) => {
    if (record.value === "bad") throw new TypeError("no such field");
    return { ...record, topic: "renamed" };
  });
  const task = start(fixture, { ...TRANSFORM, ...ALL, ...DLQ });
  await fixture.write(["1", "bad", "2"]);
  await fixture.until("the good ones are put", () => fixture.values.length === 2);
  await fixture.until("all is committed", () => fixture.committed() === 3);
  const { stage, "class.name": executing, topic } = letters(fixture)[0]?.context ?? {};
  assert.deepEqual([stage, executing, topic], ["TRANSFORMATION", "test.Scripted", "in"]);
  await fixture.stop(task);
});

test("a task stopped while it retries skips and commits nothing", async () => {
  const fixture = open({}, () => {
    throw new RetriableError("later");
  });
  const task = start(fixture, { ...TRANSFORM, ...ALL, ...DLQ, "errors.retry.timeout": "-1" });
  await fixture.write(["1"]);
  await fixture.until("it is tried", () => task.stats.retries > 0);
  await fixture.stop(task);
  assert.deepEqual([fixture.committed(), letters(fixture), task.stats.recordsSkipped], [null, [], 0]);
  assert.equal(fixture.reports.at(-1)?.state, "UNASSIGNED");
});

test("a dead letter that is lost is counted and logged, and stops nobody", async () => {
  const fixture = open();
  const task = start(fixture, { ...JSON_VALUES, ...ALL, ...DLQ });
  fixture.cluster.faults.failNext("deliver", { when: "before", kind: "invalid" }, "connector-dlq-producer-c-0 dlq");
  await fixture.write(["{", "1"]);
  await fixture.until("all is committed", () => fixture.committed() === 2);
  assert.deepEqual([task.stats.deadLetterRequests, task.stats.deadLetterFailures, letters(fixture)], [1, 1, []]);
  assert.ok(
    fixture.logs.some(({ message }) => message === "Could not produce message to dead letter queue. topic=dlq"),
  );
  await fixture.stop(task);
});

test("a dead letter queue that cannot be made fails the task before it starts", async () => {
  const fixture = open();
  fixture.cluster.faults.failNext("admin", { when: "before", kind: "invalid" }, "createTopic dlq");
  const task = start(fixture, { ...ALL, ...DLQ });
  await failed(fixture);
  assert.match(trace(fixture), /ConnectException: Could not initialize dead letter queue with topic=dlq\n/);
  assert.deepEqual(fixture.calls, []);
  await fixture.stop(task);
});

test("a sink task has a reporter only where reports would reach somebody", async () => {
  for (const [config, expected] of [
    [{}, false],
    [ALL, false],
    [{ "errors.log.enable": "true" }, true],
    [{ "errors.deadletterqueue.topic.name": " dlq " }, true],
  ] as const) {
    let reporter: unknown;
    const fixture = open({
      start: (context) => {
        reporter = context.errantRecordReporter;
      },
    });
    const task = start(fixture, config);
    await fixture.until("it runs", () => fixture.reports.at(-1)?.state === "RUNNING");
    assert.equal(reporter !== null, expected, JSON.stringify(config));
    await fixture.stop(task);
  }
});

/** A sink that reports values that begin with `bad`, as `report` does it. */
function reporting(report: (context: SinkTaskContext, record: SinkRecord) => unknown): ScriptedSink {
  return {
    put: async (records, context) => {
      for (const record of records) if (String(record.value).startsWith("bad")) await report(context, record);
    },
  };
}

const refused = new ConnectError("constraint violated");
const reportIt = (context: SinkTaskContext, record: SinkRecord) =>
  context.errantRecordReporter!.report(record, refused);

test("a record that the task reports goes to the dead letter queue as it was consumed", async () => {
  const reported = reporting((context, record) => reportIt(context, { ...record, value: "changed" }));
  const fixture = open(reported, (record) => ({ ...record, topic: "renamed", value: `${record.value}!` }));
  const task = start(fixture, { ...TRANSFORM, ...ALL, ...DLQ });
  await fixture.write(["1", "bad"]);
  await fixture.until("all is committed", () => fixture.committed() === 2);
  const [letter] = letters(fixture);
  const { topic, offset, stage, "class.name": executing, "exception.message": message } = letter?.context ?? {};
  assert.deepEqual(
    [letter?.value, topic, offset, stage, executing, message],
    ["bad", "in", "1", "TASK_PUT", "org.apache.kafka.connect.sink.SinkTask", "constraint violated"],
  );
  const { recordFailures, recordErrors, recordsSkipped } = task.stats;
  assert.deepEqual([recordFailures, recordErrors, recordsSkipped], [1, 0, 0]);
  await fixture.stop(task);
});

test("a record that the task made itself is reported through the converters", async () => {
  const made = reporting((context, { value: _value, ...record }) => {
    const { topic, partition, offset, keySchema, key, valueSchema, timestamp, timestampType, headers } = record;
    const coordinates = { originalTopic: topic, originalPartition: partition, originalOffset: offset };
    const rest = { topic, partition, offset, keySchema, key, valueSchema, timestamp, timestampType, headers };
    return reportIt(context, { ...rest, ...coordinates, value: "made" });
  });
  const fixture = open(made);
  const task = start(fixture, { ...ALL, ...DLQ });
  await fixture.write(["bad"]);
  await fixture.until("it is there", () => letters(fixture).length === 1);
  assert.equal(letters(fixture)[0]?.value, "made");
  await fixture.stop(task);
});

test("with tolerance none a report fails the put, even if the task swallows it", async () => {
  const swallowing = reporting((context, record) => reportIt(context, record).catch(() => {}));
  for (const script of [reporting(reportIt), swallowing]) {
    const fixture = open(script);
    const task = start(fixture, DLQ);
    await fixture.write(["bad"]);
    await failed(fixture);
    assert.match(
      trace(fixture),
      /Exiting WorkerSinkTask due to unrecoverable exception\.\n[\s\S]*Caused by: .*Tolerance exceeded in error handler\n[\s\S]*constraint violated/,
    );
    assert.deepEqual([letters(fixture).length, fixture.committed() ?? 0], [1, 0]);
    await fixture.stop(task);
  }
});

test("offsets are committed behind reports only, and one that is lost fails the task", async () => {
  const unwatched = reporting((context, record) => void reportIt(context, record));
  const slow = open(unwatched);
  slow.cluster.faults.delayNext("flush", 5_000, "connector-dlq-producer-c-0");
  const waiting = start(slow, { ...ALL, ...DLQ });
  await slow.write(["bad"]);
  await slow.clock.advance(4_000);
  assert.equal(slow.committed(), null);
  await slow.until("it is committed", () => slow.committed() === 1);
  await slow.stop(waiting);

  const fixture = open(unwatched);
  fixture.cluster.faults.failNext("deliver", { when: "before", kind: "invalid" }, "connector-dlq-producer-c-0 dlq");
  const task = start(fixture, { ...ALL, ...DLQ });
  await fixture.write(["bad"]);
  await failed(fixture);
  assert.match(trace(fixture), /^org\.apache\.kafka\.connect\.errors\.ConnectException: KafkaError: injected fault/);
  assert.equal(fixture.committed(), null);
  await fixture.stop(task);
});

test("a dead letter queue that hangs keeps back commits, not the end of the task", async () => {
  const fixture = open(reporting((context, record) => void reportIt(context, record)));
  fixture.cluster.faults.delayNext("flush", 600_000, "connector-dlq-producer-c-0");
  const task = start(fixture, { ...ALL, ...DLQ });
  await fixture.write(["bad"]);
  await fixture.clock.advance(10_000);
  await fixture.write(["1"]);
  await fixture.until("it reads on", () => fixture.values.includes("1"), 10_000);
  assert.ok(fixture.logs.some(({ message }) => message.includes("Reports of errant records are not written yet")));
  await Promise.all([task.stop(60_000), fixture.clock.advance(30_000)]);
  assert.deepEqual([fixture.committed(), fixture.calls.slice(-2)], [null, ["close in/0", "stop"]]);
});

test("millrace.put.isolate: only the records at fault are left out, and reported", async () => {
  const script: ScriptedSink = {
    put: (records) => {
      if (records.some(({ value }) => String(value).startsWith("bad"))) throw refused;
    },
  };
  const fixture = open(script);
  await fixture.write(["1", "2", "bad a", "3", "bad b", "4"]);
  const task = start(fixture, { ...ALL, ...DLQ, "millrace.put.isolate": "true" });
  await fixture.until("all is committed", () => fixture.committed() === 6);
  assert.deepEqual(fixture.values, ["1", "2", "3", "4"]);
  assert.deepEqual(
    letters(fixture).map(({ value, context }) => [value, context.stage, context["exception.message"]]),
    [
      ["bad a", "TASK_PUT", "constraint violated"],
      ["bad b", "TASK_PUT", "constraint violated"],
    ],
  );
  const { recordFailures, recordErrors, recordsSkipped } = task.stats;
  assert.deepEqual([recordFailures, recordErrors, recordsSkipped], [2, 2, 2]);
  await fixture.stop(task);
  for (const config of [ALL, { "millrace.put.isolate": "true" }]) {
    const strict = open(script);
    await strict.write(["1", "bad"]);
    const failing = start(strict, { ...config, ...DLQ });
    await failed(strict);
    assert.deepEqual([strict.values, letters(strict)], [[], []]);
    await strict.stop(failing);
  }
});
