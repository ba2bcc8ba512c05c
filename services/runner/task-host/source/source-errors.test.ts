import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, definePlugin, RetriableError, Schema, type SourceRecord } from "@millrace/connect";
import {
  committedOffsets,
  committedValues,
  type HostFixture,
  openHostFixture,
  record,
  taskWork,
} from "../../testing/host-fixture.ts";
import { RunningTask } from "../running-task.ts";

const ALL = { "errors.tolerance": "all" };
const DLQ = {
  "errors.deadletterqueue.topic.name": "dlq",
  "errors.deadletterqueue.topic.replication.factor": "1",
  "errors.deadletterqueue.context.headers.enable": "true",
};
const TRANSFORM = { transforms: "t", "transforms.t.type": "test.Refusing" };
const AT_LEAST_ONCE = { "exactly.once.source.support": "disabled", "offset.flush.interval.ms": "50" };

/** Records that `test.Refusing` does not like. */
const bad = (n: number): SourceRecord => ({
  ...record(n),
  key: { id: n },
  value: { bad: n, bytes: new Uint8Array([1]) },
  valueSchema: null,
});

/** Polls these batches, then nothing; `retriable`: how often the transform fails first. */
function open(
  batches: SourceRecord[][],
  options: { config?: Record<string, string>; worker?: Record<string, string>; retriable?: number } = {},
) {
  let retriable = options.retriable ?? 0;
  const refusing = definePlugin({
    type: "transformation",
    class: "test.Refusing",
    version: "1",
    overview: "Refuses values that are objects.",
    config: new ConfigDef(),
    create: () => ({
      configure() {},
      apply<R extends { value: unknown }>(given: R): R {
        if (retriable-- > 0) throw new RetriableError("later");
        if (typeof given.value === "object") throw new TypeError("no object");
        return given;
      },
    }),
  });
  const acknowledged: unknown[] = [];
  const fixture = openHostFixture({
    plugins: [refusing],
    worker: { "millrace.auto.restart": "false", ...options.worker },
    task: () => ({
      poll: async (context) => {
        await context.sleep(10, context.signal);
        return batches.shift() ?? null;
      },
      commitRecord: ({ sourceOffset }) => void acknowledged.push(sourceOffset?.n),
    }),
  });
  const task = new RunningTask(fixture.env, taskWork({ config: { ...TRANSFORM, ...options.config } }), fixture.link);
  return { ...fixture, task, acknowledged };
}

async function stop({ clock }: HostFixture, task: RunningTask): Promise<void> {
  await Promise.all([task.stop(5_000), clock.advance(1_000)]);
}

const text = (bytes: Uint8Array | null | undefined) => bytes && new TextDecoder().decode(bytes);

test("errors.log.include.messages shows a source record whole", async () => {
  const log = { "errors.log.enable": "true", "errors.log.include.messages": "true" };
  const { task, logs, ...fixture } = open([[bad(1), record(2)]], { config: { ...ALL, ...log } });
  await fixture.until("the good one is there", () => committedValues(fixture.cluster).length === 1);
  const [line] = logs.filter(({ message }) => message.startsWith("Error encountered"));
  assert.match(
    line?.message ?? "",
    /^Error encountered in task c-0\. Executing stage 'TRANSFORMATION' with class 'test\.Refusing', where source record is = SourceRecord\{sourcePartition=\{p=a\}, sourceOffset=\{n=1\}\} ConnectRecord\{topic='out', .*headers=ConnectHeaders\(headers=\)\}\.$/,
  );
  assert.deepEqual([task.stats.errorsLogged, task.stats.recordsSkipped], [1, 1]);
  await stop({ ...fixture, logs }, task);
});

test("a source record that fails retriably is tried again", async () => {
  const config = { "errors.retry.timeout": "5000" };
  const { task, ...fixture } = open([[record(1)]], { config, retriable: 2 });
  await fixture.until("it is there", () => committedValues(fixture.cluster).length === 1);
  assert.deepEqual([task.stats.retries, task.stats.recordFailures, task.stats.recordErrors], [2, 2, 0]);
  await stop(fixture, task);
});

test("a source stopped while it retries skips nothing and stores no offset", async () => {
  const config = { ...ALL, "errors.retry.timeout": "-1" };
  const { task, ...fixture } = open([[record(1)]], { config, retriable: 1_000 });
  await fixture.until("it is tried", () => task.stats.retries > 0);
  await stop(fixture, task);
  assert.deepEqual([committedOffsets(fixture.cluster), task.stats.recordsSkipped], [{}, 0]);
  assert.equal(fixture.reports.at(-1)?.state, "UNASSIGNED");
});

for (const worker of [{}, AT_LEAST_ONCE]) {
  const guarantee = "exactly.once.source.support" in worker ? "at least once" : "exactly once";
  test(`a source's dead letters go with the others, ${guarantee}, and their offsets move on`, async () => {
    const { task, acknowledged, ...fixture } = open([[record(1), bad(2)], [bad(3)]], {
      config: { ...ALL, ...DLQ },
      worker,
    });
    const { cluster } = fixture;
    await fixture.until("the last offset is stored", () => committedOffsets(cluster).a === 3);
    assert.deepEqual(committedValues(cluster), ["a1"]);
    const [letter, ...others] = cluster.log("dlq");
    assert.deepEqual(
      [text(letter?.key), text(letter?.value), others.length],
      ['{"id":2}', '{"bad":2,"bytes":"AQ=="}', 1],
    );
    const context = letter?.headers.map(({ key, value }) => [key.replace("__connect.errors.", ""), text(value)]) ?? [];
    assert.deepEqual(context.slice(0, -1), [
      ["topic", "out"],
      ["source.partition", '{"p":"a"}'],
      ["source.offset", '{"n":2}'],
      ["connector.name", "c"],
      ["task.id", "0"],
      ["stage", "TRANSFORMATION"],
      ["class.name", "test.Refusing"],
      ["exception.class.name", "TypeError"],
      ["exception.message", "no object"],
    ]);
    assert.equal(context.at(-1)?.[0], "exception.stacktrace");
    assert.deepEqual(acknowledged, [1, 2, 3]);
    assert.deepEqual([task.stats.deadLetterRequests, task.stats.recordsSkipped], [2, 2]);
    await stop(fixture, task);
  });
}

test("a source's dead letter is in the transaction of its batch: an abort takes it back", async () => {
  const { task, ...fixture } = open([[record(1), bad(2)]], {
    config: { ...ALL, ...DLQ, "transaction.boundary": "interval", "transaction.boundary.interval.ms": "100000" },
  });
  const { cluster } = fixture;
  const sent = () => cluster.log("dlq", { isolation: "read_uncommitted" }).length;
  await fixture.until("it is sent", () => sent() === 1);
  assert.deepEqual([cluster.log("dlq"), cluster.log("out")], [[], []]);
  await Promise.all([task.stop(0), fixture.clock.advance(100)]);
});

test("with tolerance none a source's record fails the task, and there is no dead letter", async () => {
  const { task, ...fixture } = open([[bad(1)]], { config: DLQ });
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.match(fixture.reports.at(-1)?.trace ?? "", /Tolerance exceeded in error handler/);
  assert.equal(fixture.cluster.topics.has("dlq"), false);
  await stop(fixture, task);
});

test("at least once with tolerance all, what Kafka refuses is reported and left out", async () => {
  const large = { ...record(2), value: "x".repeat(2_000_000), valueSchema: Schema.STRING };
  const { task, logs, ...fixture } = open([[record(1), large, record(3)]], {
    config: { ...ALL, "errors.log.enable": "true" },
    worker: AT_LEAST_ONCE,
  });
  const { cluster } = fixture;
  const refuse = { when: "before", kind: "invalid", code: "INVALID_RECORD" } as const;
  cluster.faults.failNext("deliver", refuse, "connector-producer-c-0 out");
  await fixture.until("the last offset is stored", () => committedOffsets(cluster).a === 3);
  assert.deepEqual(committedValues(cluster), ["a3"]);
  const lines = logs.flatMap(({ message }) => (message.startsWith("Error encountered") ? message : []));
  const line =
    "Error encountered in task c-0. Executing stage 'KAFKA_PRODUCE' with class 'org.apache.kafka.connect.runtime.WorkerSourceTask'.";
  assert.deepEqual([lines, task.stats.recordFailures], [[line, line], 2]);
  await stop({ ...fixture, logs }, task);
});

test("at least once with tolerance none, what Kafka refuses fails the task", async () => {
  const large = { ...record(1), value: "x".repeat(2_000_000), valueSchema: Schema.STRING };
  const { task, ...fixture } = open([[large]], { worker: AT_LEAST_ONCE });
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.deepEqual(committedOffsets(fixture.cluster), {});
  await stop(fixture, task);
});
