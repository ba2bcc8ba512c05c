import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectHeaders, type ConnectRecord, type PredicatePlugin, Schema } from "@millrace/connect";
import { filter } from "../filter.ts";
import { configured, sinkRecord } from "../testing/records.ts";
import { hasHeaderKey } from "./has-header-key.ts";
import { recordIsTombstone } from "./record-is-tombstone.ts";
import { topicNameMatches } from "./topic-name-matches.ts";

function answers(
  plugin: PredicatePlugin,
  config: Readonly<Record<string, string>>,
  records: ConnectRecord[],
): boolean[] {
  const predicate = plugin.create();
  predicate.configure(config);
  return records.map((record) => predicate.test(record));
}

test("TopicNameMatches is true for topics that match as a whole", () => {
  const records = ["orders-1", "orders", "my-orders-1", "orders-1"].map((topic) => sinkRecord({ topic }));
  assert.deepEqual(answers(topicNameMatches, { pattern: "orders-\\d+" }, records), [true, false, false, true]);
});

test("TopicNameMatches refuses an empty pattern, and a wrong one in Java's words", () => {
  assert.throws(() => answers(topicNameMatches, { pattern: "" }, []), {
    message: "Invalid value  for configuration pattern: String must be non-empty",
  });
  assert.throws(() => answers(topicNameMatches, { pattern: "[a" }, []), {
    message: "Invalid value [a for configuration pattern: Invalid regex: Unclosed character class near index 1\n[a\n ^",
  });
});

test("HasHeaderKey is true for records with a header of the key, whatever its value", () => {
  const headers = new ConnectHeaders().add("a", "x", Schema.STRING).add("none", null);
  const records = [sinkRecord({ headers }), sinkRecord()];
  assert.deepEqual(answers(hasHeaderKey, { name: "none" }, records), [true, false]);
  assert.deepEqual(answers(hasHeaderKey, { name: "A" }, records), [false, false]);
});

test("RecordIsTombstone is true for records without a value", () => {
  const records = [sinkRecord(), sinkRecord({ value: "" }), sinkRecord({ valueSchema: Schema.OPTIONAL_STRING })];
  assert.deepEqual(answers(recordIsTombstone, {}, records), [true, false, true]);
});

test("Filter drops every record", () => {
  assert.equal(configured(filter, {}).apply(sinkRecord()), null);
});
