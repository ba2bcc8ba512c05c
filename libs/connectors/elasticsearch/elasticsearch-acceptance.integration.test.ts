import { after } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { testSink } from "@millrace/connect/testing";
import { ElasticsearchSink } from "./plugin.ts";
import { elasticsearchUrl, remove } from "./testing/sink-fixture.ts";

const valueSchema = SchemaBuilder.struct().field("name", Schema.STRING).field("n", Schema.INT64).build();
const config = {
  "connection.url": elasticsearchUrl(),
  "behavior.on.null.values": "delete",
  "read.timeout.ms": "9000",
};

// The topic of the suite.
after(() => remove("acceptance"));

testSink(ElasticsearchSink, {
  config,
  records: Array.from({ length: 5 }, (_, n) => ({
    keySchema: Schema.STRING,
    key: `k${n}`,
    valueSchema,
    value: new Struct(valueSchema).put("name", `n${n}`).put("n", n),
  })),
  unreachable: { ...config, "connection.url": "http://127.0.0.1:1", "retry.backoff.ms": "1", "max.retries": "1" },
});
