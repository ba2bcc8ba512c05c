import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConnectError,
  defineSink,
  defineSource,
  defineTransform,
  type OffsetMap,
  RetriableError,
  Schema,
  type SourcePlugin,
  type SourceRecord,
} from "./mod.ts";
import { sourceTaskContext } from "./testing/fake-contexts.ts";
import { FlowingClock } from "./testing/flowing-clock.ts";
import { testSink, testSource, testTransformation } from "./testing/mod.ts";
import { StoredOffsets } from "./testing/stored-offsets.ts";

const about = { version: "1", overview: "For a test." };
const key = { importance: "LOW", documentation: "For a test." } as const;

const suffix = defineTransform({
  ...about,
  class: "test.Suffix",
  config: { suffix: { ...key, type: "STRING" } },
  prepare: (config) => ({ add: (text: string) => text + config.suffix }),
  apply: (record, { add }) => (typeof record.value === "string" ? { ...record, value: add(record.value) } : record),
});
testTransformation(suffix, {
  config: { suffix: "!" },
  records: [{ topic: "t", valueSchema: Schema.STRING, value: "x" }],
});

const twoTables = defineSource({
  ...about,
  class: "test.Tables",
  config: { tables: { ...key, type: "LIST" }, rows: { ...key, type: "INT", default: 30 } },
  start: { id: 0 },
  exactlyOnce: true,
  partitions: ({ tables }) => tables.map((table) => ({ table })),
  async *read({ config, partition: { table }, offset }) {
    const item = (id: number) => ({
      topic: table,
      valueSchema: Schema.STRING,
      value: `${table} ${id}`,
      offset: { id },
    });
    for (let id = offset.id + 1; id <= config.rows; ) {
      if (id % 3 === 0) yield item(id++);
      else yield [item(id++), item(id++)].filter((each) => each.offset.id <= config.rows);
    }
  },
});
testSource(twoTables, { config: { tables: "a,b,c" }, records: 90, tasksMax: 2 });

const rows: string[] = [];
const collecting = defineSink({
  ...about,
  class: "test.Collecting",
  config: { prefix: { ...key, type: "STRING", default: "" } },
  open: ({ config }) => ({ write: (text: string) => void rows.push(config.prefix + text) }),
  put: (records, { opened }) => records.forEach(({ value }) => void opened.write(String(value))),
  flush() {},
  close() {},
});
testSink(collecting, {
  config: { prefix: ">" },
  records: [{ value: "a" }, { value: "b" }],
  verify: () => assert.deepEqual(rows, [">a", ">b"]),
});

/** A started task of the source's first share. */
async function startTask(plugin: SourcePlugin, config: Readonly<Record<string, string>> = {}, stored?: OffsetMap) {
  const clock = new FlowingClock();
  const stop = new AbortController();
  const offsets = new StoredOffsets();
  const partition = { sourcePartition: {}, sourceOffset: stored ?? null, topic: "t", value: null };
  offsets.commit(partition);
  const connector = plugin.create();
  await connector.start({} as never, config);
  const task = connector.task();
  const own = (await connector.taskConfigs(1))[0]!;
  const context = sourceTaskContext({ clock, offsets, config: own, task: 0, signal: stop.signal });
  return { task, stop, clock, context, start: () => task.start(context) };
}

function source(read: Parameters<typeof defineSource<Record<never, never>, never, { id: number }>>[0]["read"]) {
  return defineSource({ ...about, class: "test.Source", config: {}, start: { id: 0 }, read });
}
const item = (id: number) => ({ topic: "t", value: id, offset: { id } });
const values = (records: readonly SourceRecord[] | null) => records?.map(({ value }) => value);

test("defineSource reads again from its last offset after the interval", async () => {
  const from: number[] = [];
  const readAt: number[] = [];
  const { task, start, clock } = await startTask(
    source(async function* ({ offset, nowMs }) {
      from.push(offset.id);
      readAt.push(nowMs());
      if (offset.id < 3) yield item(offset.id + 1);
    }),
  );
  const startMs = clock.nowMs();
  await start();
  const got: unknown[] = [];
  while (from.length < 5) got.push(...(values(await task.poll()) ?? []));
  await task.stop();
  assert.deepEqual(got, [1, 2, 3]);
  assert.deepEqual(from.slice(0, 5), [0, 1, 2, 3, 3]);
  assert.deepEqual(
    readAt.slice(0, 4).map((ms) => ms - startMs),
    [0, 1000, 2000, 3000],
  );
});

test("defineSource runs a bounded number of records ahead of poll, and keeps what was yielded together", async () => {
  let yielded = 0;
  const { task, start } = await startTask(
    source(async function* ({ offset }) {
      for (let id = offset.id; ; id += 300) {
        yielded += 300;
        yield Array.from({ length: 300 }, (_, i) => item(id + i + 1));
      }
    }),
  );
  await start();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(yielded, 1200);
  assert.equal((await task.poll())?.length, 1200);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(yielded, 2400);
  await task.stop();
});

test("defineSource hands over what was read before an error, then the error; after a retriable one it goes on", async () => {
  let fails = 2;
  const { task, start, clock } = await startTask(
    source(async function* ({ offset }) {
      yield item(offset.id + 1);
      if (fails-- > 0) throw new RetriableError("busy");
      yield item(offset.id + 2);
      throw new TypeError("broken");
    }),
  );
  await start();
  const startMs = clock.nowMs();
  const seen: unknown[] = [];
  for (let i = 0; i < 12; i++) {
    try {
      seen.push(...(values(await task.poll()) ?? []));
    } catch (error) {
      seen.push((error as Error).message);
    }
  }
  assert.deepEqual(seen, [1, "busy", 2, "busy", 3, 4, ...Array(6).fill("broken")]);
  assert.ok(clock.nowMs() - startMs >= 500, "it waits before it reads again");
  await task.stop();
});

test("a busy partition of a defined source does not hide another's failure", async () => {
  const plugin = defineSource({
    ...about,
    class: "test.Half",
    config: {},
    start: { id: 0 },
    partitions: () => [{ n: 1 }, { n: 2 }],
    async *read({ partition, offset, sleep }) {
      if (partition.n === 2) throw new TypeError("broken");
      for (let id = offset.id + 1; ; id++) {
        yield item(id);
        if (id % 5 === 0) await sleep(1);
      }
    },
  });
  const { task, start } = await startTask(plugin);
  await start();
  await assert.rejects(async () => {
    for (let i = 0; i < 20; i++) await task.poll();
  }, /broken/);
  await task.stop();
});

test("a defined source that waits is ended by stop alone, and its finally runs", async () => {
  let ended = false;
  const { task, start, clock } = await startTask(
    source(async function* ({ sleep, signal }) {
      try {
        yield item(1);
        await sleep(3_600_000, signal);
      } finally {
        ended = true;
      }
    }),
  );
  await start();
  clock.hold();
  assert.deepEqual(values(await task.poll()), [1]);
  await task.stop();
  assert.equal(ended, true);
  await task.stop();
});

test("a defined source that ignores its signal is left behind after five seconds, and says so", async () => {
  const { task, clock, context } = await startTask(
    source(async function* () {
      await new Promise(() => {});
      yield item(1);
    }),
  );
  const warnings: string[] = [];
  await task.start({ ...context, logger: { ...context.logger, warn: (text) => void warnings.push(text) } });
  const startMs = clock.nowMs();
  await task.stop();
  assert.equal(clock.nowMs() - startMs, 5000);
  assert.equal(warnings.length, 1);
});

test("defineSource takes stored offsets of start's shape only", async () => {
  const plugin = defineSource({
    ...about,
    class: "test.Offsets",
    config: {},
    start: { id: 0n, cursor: null as string | null },
    pollIntervalMs: Number.POSITIVE_INFINITY,
    async *read({ offset }) {
      yield { topic: "t", value: offset, offset };
    },
  });
  const readFrom = async (stored?: OffsetMap) => {
    const { task, start } = await startTask(plugin, {}, stored);
    await start();
    const records = await task.poll();
    await task.stop();
    return records?.[0]?.value;
  };
  assert.deepEqual(await readFrom(), { id: 0n, cursor: null });
  assert.deepEqual(await readFrom({ id: 7 }), { id: 7n, cursor: null });
  assert.deepEqual(await readFrom({ id: 2n ** 60n, cursor: "x", later: 1 }), { id: 2n ** 60n, cursor: "x", later: 1 });
  await assert.rejects(readFrom({ position: 5 }), /The offset {"position":5} has none of the keys id, cursor/);
  await assert.rejects(readFrom({ id: "7" }), { code: "OFFSET_INVALID", message: /has a string as id/ });
  const alter = (offset: OffsetMap | null) => plugin.alterOffsets?.({}, [{ partition: {}, offset }]);
  assert.equal(alter({ id: 1 }), true);
  assert.equal(alter(null), true);
  assert.throws(() => alter({ id: "x" }), ConnectError);
});

test("defineSource makes no more tasks than partitions, and shares them out evenly", async () => {
  const connector = twoTables.create();
  await connector.start({} as never, { tables: "a,b,c,d,e" });
  const shares = async (tasksMax: number) =>
    (await connector.taskConfigs(tasksMax)).map((config) =>
      JSON.parse(config["task.partitions"]!)
        .map((each: { table: string }) => each.table)
        .join(""),
    );
  assert.deepEqual(await shares(2), ["ace", "bd"]);
  assert.deepEqual(await shares(9), ["a", "b", "c", "d", "e"]);
});

test("defineSink does not put empty batches, and closes only what was opened", async () => {
  const calls: string[] = [];
  const plugin = defineSink({
    ...about,
    class: "test.Calls",
    config: { fail: { ...key, type: "BOOLEAN", default: false } },
    open({ config }) {
      calls.push("open");
      if (config.fail) throw new ConnectError("away");
    },
    put: (records) => void calls.push(`put ${records.length}`),
    close: () => void calls.push("close"),
  });
  const context = { config: {} } as never;
  const task = plugin.create().task();
  await task.start(context);
  await task.put([]);
  await task.stop();
  await task.stop();
  const failing = plugin.create().task();
  await assert.rejects(async () => failing.start({ config: { fail: "true" } } as never), /away/);
  await failing.stop();
  assert.deepEqual(calls, ["open", "close", "open"]);
});
