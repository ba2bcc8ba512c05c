import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError, type SinkRecord } from "@millrace/connect";
import type { LetterChoice, ReplayTarget } from "@millrace/protocol";
import { openSinkFixture, type ScriptedSink } from "../../testing/sink-fixture.ts";
import { contextHeaders, header } from "../stages/failure.ts";
import { answerGroups, answerList, answerReplay } from "./answers.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => (value === null ? null : new TextDecoder().decode(value));
const own = [{ key: "own", value: bytes("h") }];
const dead = "errors.deadletterqueue";

function open(script: ScriptedSink = {}, settings: Record<string, string> = {}) {
  const fixture = openSinkFixture(script, { partitions: 2 });
  const { cluster, clock, env } = fixture;
  cluster.createTopic({ topic: "dlq", partitions: 1, replicationFactor: 1, configs: {} });
  const config = { "connector.class": "test.ScriptedSink", name: "c", topics: "in", [`${dead}.topic.name`]: "dlq" };
  const asked = { connector: "c", config: { ...config, [`${dead}.topic.replication.factor`]: "1", ...settings } };
  const producer = cluster.client().producer({});
  /** Virtual time goes on until it is settled. */
  async function settled<T>(answer: Promise<T>): Promise<T> {
    let open = true;
    answer.catch(() => {}).finally(() => (open = false));
    while (open) await clock.advance(10);
    return answer;
  }
  return {
    ...fixture,
    /** A letter of record `offset` of in-1, as the runtime writes it. */
    async letter(offset: number, message: string, { connector = "c", context = true } = {}) {
      const consumed = { topic: "in", partition: 1, offset, key: null, value: null, headers: [] };
      const failure = {
        stage: "VALUE_CONVERTER" as const,
        executing: "X",
        error: new DataError(message),
        polled: null,
      };
      const all = { ...failure, consumed: { ...consumed, timestampMs: 5, timestampType: "CreateTime" as const } };
      const told = context ? contextHeaders({ connector, task: 0 }, all, (shown) => shown) : [];
      (await producer).send("dlq", 0, bytes(`v${offset}`), bytes("k"), 1000 + offset, [...own, ...told]);
      await (await producer).flush(1000);
    },
    groups: () => settled(answerGroups(env, asked)),
    list: (group: string | null = null, skip = 0, limit = 10) =>
      settled(answerList(env, { ...asked, group, skip, limit })),
    replay: (choice: LetterChoice, to: ReplayTarget = "topic") =>
      settled(answerReplay(env, { ...asked, taskConfig: null, to, choice })),
    replayTwice: (choice: LetterChoice) => {
      const once = () => answerReplay(env, { ...asked, taskConfig: null, to: "topic", choice });
      return settled(Promise.allSettled([once(), once()]));
    },
    original: () => cluster.log("in").map(({ partition, value }) => [partition, text(value)]),
  };
}

test("dead letters are grouped by what went wrong, numbers and quoted texts aside", async () => {
  const { letter, groups } = open();
  await letter(3, "field 'a' at 17");
  await letter(4, "field 'b' at 4");
  await letter(5, "no such table");
  await letter(6, "of another connector", { connector: "other" });
  const answer = await groups();
  assert.deepEqual([answer.topic, answer.letters, answer.more], ["dlq", 3, false]);
  const [{ id, ...first }, second] = answer.groups as [(typeof answer.groups)[0], (typeof answer.groups)[0]];
  assert.match(id, /^[0-9a-f]{12}$/);
  assert.deepEqual(first, {
    stage: "VALUE_CONVERTER",
    executing: "X",
    exception: "org.apache.kafka.connect.errors.DataException",
    message: "field 'b' at 4",
    count: 2,
    replayed: 0,
    firstMs: 1003,
    lastMs: 1004,
    newest: { partition: 0, offset: 1 },
  });
  assert.deepEqual([second.count, second.message], [1, "no such table"]);
});

test("a list shows letters newest first, whole, with their error and without its headers", async () => {
  const { letter, list, groups } = open();
  for (const offset of [1, 2, 3]) await letter(offset, `at ${offset}`);
  await letter(9, "other");
  const id = (await groups()).groups[0]!.id;
  const page = await list(id, 0, 2);
  assert.deepEqual([page.letters.map(({ offset }) => offset), page.more], [[2, 1], true]);
  const { error, ...newest } = page.letters[0]!;
  assert.match(error.trace ?? "", /DataException: at 3/);
  assert.deepEqual(newest, {
    partition: 0,
    offset: 2,
    timestampMs: 1003,
    group: id,
    replayed: false,
    origin: { topic: "in", partition: 1, offset: 3 },
    task: 0,
    key: { text: "k" },
    value: { text: "v3" },
    headers: [{ key: "own", value: { text: "h" } }],
    cut: false,
  });
});

test("a replay sends each letter to its topic and partition once, however often it is asked for", async () => {
  const { letter, replay, original, list, cluster } = open();
  for (const offset of [1, 2]) await letter(offset, "bad");
  assert.deepEqual(await replay({ letters: [{ partition: 0, offset: 1 }] }), { replayed: 1, already: 0, failed: [] });
  assert.deepEqual(await replay({ all: true }), { replayed: 1, already: 1, failed: [] });
  assert.deepEqual(await replay({ all: true }), { replayed: 0, already: 2, failed: [] });
  assert.deepEqual(original(), [
    [1, "v2"],
    [1, "v1"],
  ]);
  const [sent] = cluster.log("in");
  assert.deepEqual([sent?.headers, sent?.timestampMs, text(sent!.key)], [own, 1002, "k"]);
  assert.deepEqual(
    (await list()).letters.map(({ replayed }) => replayed),
    [true, true],
  );
});

test("of two replays at the same time each letter is sent by one", async () => {
  const { letter, replayTwice, original } = open();
  for (let offset = 0; offset < 20; offset++) await letter(offset, "bad");
  const outcomes = await replayTwice({ all: true });
  assert.equal(original().length, 20);
  assert.equal(new Set(original().map(String)).size, 20);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") assert.match(String(outcome.reason), /Somebody else replays/);
  }
});

test("a letter can be changed before it is sent", async () => {
  const { letter, replay, original } = open();
  await letter(1, "bad");
  await replay({ letters: [{ partition: 0, offset: 0, value: { text: "mended" } }] });
  assert.deepEqual(original(), [[1, "mended"]]);
});

test("nothing is sent when one of the chosen cannot be", async () => {
  const { letter, replay, original } = open();
  await letter(1, "bad");
  await letter(2, "bad", { context: false });
  await assert.rejects(replay({ all: true }), { code: "INVALID", message: /^1 of these dead letters do not tell/ });
  await assert.rejects(replay({ group: "nowhere" }), { code: "INVALID", message: /^There is no group nowhere/ });
  const missing = { letters: [{ partition: 0, offset: 7 }] };
  await assert.rejects(replay(missing), { code: "INVALID", message: /^There is no dead letter with .* 0-7/ });
  assert.deepEqual(original(), []);
});

test("a replay to the connector puts letters with their first coordinates; what it refuses stays a dead letter", async () => {
  const put: SinkRecord[] = [];
  const { letter, replay, original, list, calls } = open({
    put(records, context) {
      if (records.some(({ value }) => value === "v2")) throw new DataError("still bad");
      for (const record of records) {
        if (record.value === "v3") void context.errantRecordReporter?.report(record, new Error("not this"));
        put.push(record);
      }
    },
  });
  for (const offset of [1, 2, 3]) await letter(offset, "bad");
  const answer = await replay({ all: true }, "connector");
  assert.deepEqual([answer.replayed, answer.already], [1, 0]);
  assert.deepEqual(
    answer.failed.map(({ offset, message }) => [offset, message]),
    [
      [1, "org.apache.kafka.connect.errors.DataException: still bad"],
      [2, "Error: not this"],
    ],
  );
  assert.deepEqual([put[0]?.topic, put[0]?.partition, put[0]?.offset], ["in", 1, 1]);
  assert.deepEqual([original(), calls.at(0), calls.at(-1)], [[], "open in/1", "stop"]);
  assert.deepEqual(
    (await list()).letters.map(({ offset, replayed }) => [offset, replayed]),
    [
      [2, false],
      [1, false],
      [0, true],
    ],
  );
});

test("a connector without a dead letter queue is told how to get one; one whose queue is not there yet has none", async () => {
  const without = open({}, { [`${dead}.topic.name`]: "" });
  await assert.rejects(without.groups(), { code: "INVALID", message: /has no dead letter queue: set errors\.dead/ });
  const early = open({}, { [`${dead}.topic.name`]: "not-yet" });
  assert.deepEqual(await early.groups(), { topic: "not-yet", letters: 0, more: false, groups: [] });
});

test("a letter that died twice shows its last error", async () => {
  const { cluster, list } = open();
  const producer = await cluster.client().producer({});
  producer.send("dlq", 0, bytes("v"), null, 1, [header("stage", "KEY_CONVERTER"), header("stage", "TASK_PUT")]);
  await producer.flush(1000);
  assert.equal((await list()).letters[0]?.error.stage, "TASK_PUT");
});
