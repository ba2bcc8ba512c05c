import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectHeaders,
  DataError,
  Decimal,
  Int32,
  Schema,
  SchemaBuilder,
  type SinkRecord,
  Struct,
} from "@millrace/connect";
import fc from "fast-check";
import { sinkSettings } from "../config/settings.ts";
import { record } from "../testing/sink-fixture.ts";
import { documentId } from "./document-id.ts";
import { DocumentText } from "./document-text.ts";
import { mappingOf } from "./mapping.ts";
import { operationOf } from "./operation.ts";
import { resourceName } from "./resource-name.ts";
import { withTimestamp } from "./timestamp.ts";

const settingsOf = (config: Record<string, string>) => sinkSettings({ "connection.url": "http://es:9200", ...config });

describe("resourceName", () => {
  const name = (topic: string, config: Record<string, string> = {}) => resourceName(topic, settingsOf(config).resource);

  it("makes names of indices as Confluent's connector does", () => {
    assert.equal(name("Orders"), "orders");
    assert.equal(name("-a"), "a");
    assert.equal(name("__a"), "_a");
    assert.equal(name("."), "dot");
    assert.equal(name(".."), "dotdot");
    assert.equal(name("x".repeat(300)).length, 255);
  });

  it("names data streams by type, dataset and namespace", () => {
    const stream = { "data.stream.type": "LOGS", "data.stream.dataset": "shop" };
    assert.equal(name("Orders", stream), "logs-shop-orders");
    assert.equal(name("Orders", { ...stream, "data.stream.namespace": "eu-${topic}" }), "logs-shop-eu-orders");
    assert.equal(name("x".repeat(120), stream).length, "logs-shop-".length + 100);
  });

  it("takes mapped names as they are", () => {
    const external = { "external.resource.usage": "index", "topic.to.external.resource.mapping": "Orders:shop_orders" };
    assert.equal(name("Orders", external), "shop_orders");
    assert.equal(name("a", { "topic.index.map": "a:b, c:d" }), "b");
    assert.equal(name("E", { "topic.index.map": "a:b, c:d" }), "e");
  });
});

describe("documentId", () => {
  it("takes whole numbers and text", () => {
    assert.equal(documentId(Schema.STRING, "a b"), "a b");
    assert.equal(documentId(Schema.INT64, 2n ** 60n), "1152921504606846976");
    assert.equal(documentId(null, 5), "5");
    assert.equal(documentId(null, new Int32(5)), "5");
  });

  it("refuses what cannot be a name", () => {
    const refused = (schema: Schema | null, key: unknown, message: string) =>
      assert.throws(() => documentId(schema, key), new DataError(message));
    refused(null, null, "Key is used as document id and can not be null.");
    refused(Schema.STRING, "", "Key is used as document id and can not be empty.");
    refused(null, 1.5, "FLOAT64 is not supported as the document id.");
    refused(null, true, "BOOLEAN is not supported as the document id.");
    refused(null, new Map(), "MAP is not supported as the document id.");
    const struct = SchemaBuilder.struct().field("id", Schema.INT32).build();
    refused(struct, new Struct(struct), "STRUCT is not supported as the document id.");
    refused(null, "ü".repeat(257), "Key is used as document id and can not be longer than 512 bytes.");
    assert.equal(documentId(null, "ü".repeat(256)).length, 256);
  });
});

describe("DocumentText", () => {
  const map = SchemaBuilder.map(Schema.STRING, Decimal.schema(1)).build();
  const schema = SchemaBuilder.struct()
    .field("amount", Decimal.builder(2).optional().build())
    .field("rates", map)
    .field("counts", SchemaBuilder.map(Schema.INT32, Schema.STRING).build())
    .build();
  const value = Struct.of(schema, [
    new Decimal(1999n, 2),
    new Map([["a", new Decimal(15n, 1)]]),
    new Map([[1, "one"]]),
  ]);

  it("writes decimals as doubles and maps as objects or lists", () => {
    assert.equal(
      new DocumentText(true).of(schema, value, false),
      '{"amount":19.99,"rates":{"a":1.5},"counts":[{"key":1,"value":"one"}]}',
    );
    assert.equal(
      new DocumentText(false).of(schema, value, false),
      '{"amount":19.99,"rates":[{"key":"a","value":1.5}],"counts":[{"key":1,"value":"one"}]}',
    );
  });

  it("writes what JsonConverter does where the schema is ignored", () => {
    assert.equal(
      new DocumentText(true).of(schema, value, true),
      '{"amount":"B88=","rates":{"a":"Dw=="},"counts":[[1,"one"]]}',
    );
  });

  it("writes defaults for nulls, and refuses nulls that may not be", () => {
    const withDefault = SchemaBuilder.struct()
      .field("amount", Decimal.builder(1).optional().defaultValue(new Decimal(5n, 1)).build())
      .build();
    assert.equal(new DocumentText(true).of(withDefault, Struct.of(withDefault, [null]), false), '{"amount":0.5}');
    assert.throws(() => new DocumentText(true).of(schema, Struct.of(schema, [null, null, null]), false), DataError);
  });

  it("writes schemaless data, large numbers in full", () => {
    assert.equal(
      new DocumentText(true).of(null, { a: [1, 2.5, null], b: 2n ** 62n }, false),
      '{"a":[1,2.5,null],"b":4611686018427387904}',
    );
  });
});

describe("mappingOf", () => {
  it("has null_value for defaults, but not of text and bytes", () => {
    const schema = SchemaBuilder.struct()
      .field("text", SchemaBuilder.string().defaultValue("x").build())
      .field(
        "long",
        SchemaBuilder.int64()
          .defaultValue(2n ** 60n)
          .build(),
      )
      .field("map", SchemaBuilder.map(Schema.STRING, Schema.BYTES).build())
      .build();
    assert.equal(
      mappingOf(schema),
      '{"properties":{"text":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}},' +
        '"long":{"type":"long","null_value":1152921504606846976},' +
        '"map":{"properties":{"key":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}},"value":{"type":"binary"}}}}}',
    );
    assert.throws(() => mappingOf(null), DataError);
  });
});

describe("withTimestamp", () => {
  it("takes the first field there is, else the record's time", () => {
    assert.equal(withTimestamp('{"a":1}', [], 5), '{"a":1,"@timestamp":5}');
    assert.equal(withTimestamp("{}", [], null), '{"@timestamp":null}');
    assert.equal(
      withTimestamp('{"x":{"at":1},"at":1700000000000000001}', ["no", "at"], 5),
      '{"x":{"at":1},"at":1700000000000000001,"@timestamp":"1700000000000000001"}',
    );
    assert.equal(withTimestamp('{"@timestamp":"old","at":"new"}', ["at"], 5), '{"@timestamp":"new","at":"new"}');
    assert.equal(withTimestamp('{"a":1}', ["at"], 5), '{"a":1}');
    assert.throws(
      () => withTimestamp("[1]", [], 5),
      new DataError("Top level payload contains data of Json type ARRAY. Required Json object."),
    );
  });

  it("keeps every other field of any document", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer(), (document, atMs) => {
        const json = JSON.stringify(document);
        const stamped: unknown = JSON.parse(withTimestamp(json, [], atMs));
        assert.deepEqual(stamped, JSON.parse(JSON.stringify({ ...document, "@timestamp": atMs })));
      }),
    );
  });
});

describe("operationOf", () => {
  const operation = (config: Record<string, string>, given: Partial<SinkRecord>) => {
    const settings = settingsOf({ "schema.ignore": "true", ...config }).document;
    return operationOf(record("t", 7, given), "t", { settings, documents: new DocumentText(true), inFlightMax: 9 });
  };

  it("inserts under the key with the offset as version", () => {
    assert.deepEqual(operation({}, { key: 'a"', value: { n: 1 } }), {
      text: '{"index":{"_index":"t","_id":"a\\"","version":7,"version_type":"external"}}\n{"n":1}\n',
      document: null,
      waits: false,
      versioned: true,
    });
  });

  it("inserts under topic, partition and offset where the key is ignored", () => {
    const { text } = operation({ "topic.key.ignore": "t" }, { key: null, partition: 3, value: { n: 1 } })!;
    assert.equal(text, '{"index":{"_index":"t","_id":"t+3+7"}}\n{"n":1}\n');
  });

  it("upserts in the order of records, without a version", () => {
    assert.deepEqual(operation({ "write.method": "upsert" }, { key: "a", value: { n: 1 } }), {
      text: '{"update":{"_index":"t","_id":"a","retry_on_conflict":5}}\n{"doc":{"n":1},"doc_as_upsert":true}\n',
      document: "t a",
      waits: true,
      versioned: false,
    });
  });

  it("creates documents of data streams, and lets Elasticsearch name them", () => {
    const stream = { "data.stream.type": "logs", "data.stream.dataset": "d", "use.autogenerated.ids": "true" };
    assert.equal(
      operation({ ...stream, "key.ignore": "true" }, { value: { n: 1 }, timestamp: 9 })?.text,
      '{"create":{"_index":"t"}}\n{"n":1,"@timestamp":9}\n',
    );
  });

  it("ignores, deletes or refuses records without a value", () => {
    assert.equal(operation({ "behavior.on.null.values": "ignore" }, { key: "a" }), null);
    const deletes = { "behavior.on.null.values": "delete" };
    const written = operation(deletes, { key: "a", value: {} });
    assert.deepEqual([written?.document, written?.waits], ["t a", false], "a deletion may come for it");
    const deleted = operation(deletes, { key: "a" });
    assert.deepEqual([deleted?.document, deleted?.waits], ["t a", true]);
    assert.equal(
      operation(deletes, { key: "a" })?.text,
      '{"delete":{"_index":"t","_id":"a","version":7,"version_type":"external"}}\n',
    );
    assert.equal(operation(deletes, { key: null }), null);
    assert.equal(operation({ ...deletes, "key.ignore": "true" }, { key: "a" }), null);
    assert.equal(
      operation({ ...deletes, "write.method": "upsert" }, { key: "a" })?.text,
      '{"delete":{"_index":"t","_id":"a"}}\n',
    );
    assert.throws(() => operation({}, { key: "a" }), /record from topic=t partition=0 offset=7 has a null value/);
  });

  it("takes versions from a header", () => {
    const config = { "external.version.header": "v" };
    const withHeader = (value: string) =>
      operation(config, { key: "a", value: {}, headers: new ConnectHeaders().addString("v", value) });
    assert.match(withHeader("99")!.text, /"version":99,/);
    assert.throws(() => withHeader("x"), new DataError("Error converting to long: x"));
    assert.throws(() => operation(config, { key: "a", value: {} }), DataError);
  });
});
