// What the compiler must accept and refuse: `tsc` fails when a line marked @ts-expect-error is fine.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Password } from "./mod.ts";
import { defineSink, defineSource, defineTransform } from "./mod.ts";

const about = { class: "x.Typed", version: "1", overview: "For the compiler." };
const key = { importance: "LOW", documentation: "." } as const;

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectSame<A, B>(_same: Same<A, B>): void {}

test("the types of a configuration follow from its keys", () => {
  const plugin = defineTransform({
    ...about,
    config: {
      text: { ...key, type: "STRING" },
      count: { ...key, type: "INT", default: 3 },
      maybe: { ...key, type: "STRING", default: null },
      names: { ...key, type: "LIST", default: "" },
      big: { ...key, type: "LONG", default: 0 },
      on: { ...key, type: "BOOLEAN", default: false },
      secret: { ...key, type: "PASSWORD", default: null },
    },
    apply(record, config) {
      expectSame<typeof config.text, string>(true);
      expectSame<typeof config.count, number>(true);
      expectSame<typeof config.maybe, string | null>(true);
      expectSame<typeof config.names, readonly string[]>(true);
      expectSame<typeof config.big, number | bigint>(true);
      expectSame<typeof config.on, boolean>(true);
      expectSame<typeof config.secret, Password | null>(true);
      // @ts-expect-error: no such key
      config.other;
      return record;
    },
  });
  assert.equal(plugin.type, "transformation");
});

test("apply gets what prepare gives, and must give a whole record", () => {
  defineTransform({
    ...about,
    config: { pattern: { ...key, type: "STRING" } },
    prepare: (config) => ({ pattern: new RegExp(config.pattern) }),
    apply(record, { pattern }) {
      expectSame<typeof pattern, RegExp>(true);
      return { ...record, value: null };
    },
  });
  defineTransform({
    ...about,
    config: {},
    // @ts-expect-error: a source record would lose its offset
    apply: (record) => ({ topic: record.topic, value: record.value }),
  });
  // @ts-expect-error: not a type of configuration
  defineTransform({ ...about, config: { a: { ...key, type: "NUMBER" } }, apply: (record) => record });
  assert.ok(true);
});

test("a source's partition and offset have the types of partitions and start", () => {
  defineSource({
    ...about,
    config: { tables: { ...key, type: "LIST" } },
    start: { id: 0, cursor: "" },
    partitions: (config) => config.tables.map((table) => ({ table })),
    async *read({ config, partition, offset, signal }) {
      expectSame<typeof config.tables, readonly string[]>(true);
      expectSame<typeof partition.table, string>(true);
      expectSame<typeof offset.id, number>(true);
      expectSame<typeof offset.cursor, string>(true);
      expectSame<typeof signal, AbortSignal>(true);
      yield { topic: partition.table, value: "one", offset };
      yield [{ topic: partition.table, value: "two", offset: { id: offset.id + 1, cursor: "x" } }];
    },
  });
  defineSource({
    ...about,
    config: {},
    start: { id: 0 },
    // @ts-expect-error: an offset's id is a number
    async *read() {
      yield { topic: "t", value: 1, offset: { id: "1" } };
    },
  });
  defineSource({
    ...about,
    config: {},
    start: { id: 0 },
    // @ts-expect-error: a record without an offset
    async *read() {
      yield { topic: "t", value: 1 };
    },
  });
  assert.ok(true);
});

test("a sink's functions get what open gives", () => {
  defineSink({
    ...about,
    config: { url: { ...key, type: "STRING" } },
    open: async ({ config }) => ({ rows: [config.url] }),
    put(records, { opened, config }) {
      expectSame<typeof opened, { rows: string[] }>(true);
      expectSame<typeof config.url, string>(true);
      opened.rows.push(...records.map((record) => record.topic));
    },
  });
  defineSink({
    ...about,
    config: {},
    put(_records, { opened }) {
      expectSame<typeof opened, undefined>(true);
    },
  });
  assert.ok(true);
});
