import { ConnectHeaders, type ConnectRecord, Schema, SchemaBuilder, Struct, Timestamp } from "@millrace/connect";
import { testPredicate, testTransformation } from "@millrace/connect/testing";
import plugins from "./plugin.ts";

const ROW = SchemaBuilder.struct()
  .name("row")
  .field("id", Schema.INT64)
  .field("name", Schema.OPTIONAL_STRING)
  .field("created", Timestamp.SCHEMA)
  .build();
const row = new Struct(ROW).put("id", 7).put("name", "Ada").put("created", new Date(1_700_000_000_000));
const map = new Map<string, unknown>([
  ["id", 7],
  ["name", "Ada"],
  ["created", new Date(1_700_000_000_000)],
]);
const common = {
  topic: "orders-raw",
  partition: 0,
  timestamp: 1_700_000_000_000,
  headers: new ConnectHeaders().add("trace", "a1", Schema.STRING),
};
/** The same data as key and as value, for both variants of a transform. */
const typed: ConnectRecord = { ...common, keySchema: ROW, key: row, valueSchema: ROW, value: row };
const untyped: ConnectRecord = { ...common, key: map, value: map };

/** Of each class, without package and `$Key` or `$Value`. */
const CONFIGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Cast: { spec: "id:string" },
  DropHeaders: { headers: "trace" },
  ExtractField: { field: "name" },
  HeaderFrom: { fields: "id,name", headers: "x-id,x-name", operation: "move" },
  HoistField: { field: "row" },
  InsertField: { "topic.field": "t", "timestamp.field": "at", "static.field": "s", "static.value": "x" },
  InsertHeader: { header: "added", "value.literal": "[1,2]" },
  MaskField: { fields: "name" },
  RegexRouter: { regex: "(.*)-raw", replacement: "$1" },
  ReplaceField: { exclude: "name", renames: "id:key" },
  SetSchemaMetadata: { "schema.name": "renamed", "schema.version": "2" },
  TimestampConverter: { field: "created", "target.type": "string", format: "yyyy-MM-dd" },
  ValueToKey: { fields: "id" },
  HasHeaderKey: { name: "trace" },
  TopicNameMatches: { pattern: ".*-raw" },
};
/** Without schema, SetSchemaMetadata has nothing to set, and Flatten knows no dates. */
const TYPED_ONLY = ["Flatten", "SetSchemaMetadata"];

for (const plugin of plugins) {
  const name = plugin.class.replace(/^.*\.|\$.*$/g, "");
  const config = CONFIGS[name] ?? {};
  const records = TYPED_ONLY.includes(name) ? [typed] : [typed, untyped];
  if (plugin.type === "transformation") testTransformation(plugin, { config, records });
  else if (plugin.type === "predicate") testPredicate(plugin, { config });
}
