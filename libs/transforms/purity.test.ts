import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BoxedNumber,
  ConnectHeaders,
  type ConnectRecord,
  Decimal,
  isConnectError,
  type Plugin,
  Schema,
  Struct,
} from "@millrace/connect";
import fc from "fast-check";
import plugins from "./plugin.ts";
import { arbitraryRecord } from "./testing/arbitrary-records.ts";

/** Of each class, without package and `$Key` or `$Value`: what makes it do all that it can. */
const CONFIGS: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>> = {
  Cast: [{ spec: "a:string,b:int8,c:float64,when:int64,d:boolean" }, { spec: "string" }],
  DropHeaders: [{ headers: "a,b" }],
  ExtractField: [{ field: "a" }, { field: "a.b", "field.syntax.version": "V2" }],
  Filter: [{}],
  Flatten: [{ delimiter: "_" }],
  HeaderFrom: [
    { fields: "a,b", headers: "trace,b", operation: "move" },
    { fields: "a,b", headers: "trace,b", operation: "copy", "replace.null.with.default": "false" },
  ],
  HoistField: [{ field: "a" }],
  InsertField: [
    { "topic.field": "t", "partition.field": "p", "timestamp.field": "a", "static.field": "s", "static.value": "x" },
    { "offset.field": "o!", "replace.null.with.default": "false" },
  ],
  InsertHeader: [{ header: "trace", "value.literal": "[1,2]" }],
  MaskField: [{ fields: "a,b,c" }, { fields: "a,b", replacement: "7" }],
  RegexRouter: [{ regex: "(.*)-raw", replacement: "$1" }],
  ReplaceField: [{ exclude: "a", renames: "b:x" }, { include: "a,b,when" }],
  SetSchemaMetadata: [{ "schema.name": "renamed", "schema.version": "2" }],
  TimestampConverter: [
    { field: "when", "target.type": "string", format: "yyyy-MM-dd" },
    { "target.type": "unix", format: "yyyy-MM-dd" },
    { field: "when", "target.type": "Date", format: "yyyy-MM-dd" },
  ],
  TimestampRouter: [{}],
  ValueToKey: [{ fields: "a,b" }],
  HasHeaderKey: [{ name: "trace" }],
  RecordIsTombstone: [{}],
  TopicNameMatches: [{ pattern: ".*-raw" }],
};

for (const plugin of plugins) {
  const configs = CONFIGS[plugin.class.replace(/^.*\.|\$.*$/g, "")];
  test(`${plugin.class} leaves what it is given as it was, and answers the same again`, () => {
    assert.ok(configs !== undefined, "no configuration: add some above");
    for (const config of configs) {
      const answer = answerOf(plugin, config);
      fc.assert(
        fc.property(arbitraryRecord, (record) => {
          const before = imageOf(record);
          freeze(record);
          const first = imageOf(answer(record));
          assert.deepStrictEqual(imageOf(record), before);
          assert.deepStrictEqual(imageOf(answer(record)), first);
        }),
        { numRuns: 200 },
      );
    }
  });
}

/** What comes out, or the message it fails with: to fail is fine. */
function answerOf(plugin: Plugin, config: Readonly<Record<string, string>>): (record: ConnectRecord) => unknown {
  assert.ok(plugin.type === "transformation" || plugin.type === "predicate");
  const instance = plugin.create();
  instance.configure(config);
  return (record) => {
    try {
      return "test" in instance ? instance.test(record) : instance.apply(record);
    } catch (error) {
      if (!isConnectError(error)) throw error;
      return error.message;
    }
  };
}

/** All there is in the value as plain data, with nothing shared that could change; schemas and the immutable by themselves. */
function imageOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || isImmutable(value)) return value;
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof Struct) return { struct: value.schema, values: value.values.map(imageOf) };
  if (value instanceof Map) return { map: Array.from(value, imageOf) };
  if (value instanceof ConnectHeaders) return { headers: Array.from(value, imageOf) };
  if (Array.isArray(value)) return value.map(imageOf);
  return { entries: Object.entries(value).map(imageOf) };
}

/** What can be frozen; Maps, bytes, dates and headers cannot, so their image alone tells. */
function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || isImmutable(value)) return;
  Object.freeze(value);
  const parts = value instanceof Map || value instanceof ConnectHeaders ? [...value] : Object.values(value);
  for (const part of parts) freeze(part);
}

function isImmutable(value: object): boolean {
  return value instanceof Schema || value instanceof BoxedNumber || value instanceof Decimal;
}
