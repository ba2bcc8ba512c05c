import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConfigDef,
  type ConnectRecord,
  type Converter,
  DataError,
  type Plugin,
  Schema,
  SchemaBuilder,
  Struct,
  type Transformation,
} from "../mod.ts";
import type { Check } from "./check.ts";
import { about, config, failures, mustFind } from "./must-find.ts";
import { converterChecks } from "./test-converter.ts";
import { predicateChecks } from "./test-predicate.ts";
import { transformationChecks } from "./test-transformation.ts";

function transform(apply: (record: ConnectRecord) => unknown, rest: Partial<Transformation> = {}): readonly Check[] {
  return transformationChecks(
    {
      ...about,
      type: "transformation",
      create: () => ({
        configure: (given) => void config.parse(given),
        apply: apply as Transformation["apply"],
        ...rest,
      }),
    },
    {},
  );
}
let counter = 0;
mustFind("nothing wrong with a transform that is right", () => transform((record) => ({ ...record, topic: "x" })));
mustFind(
  "a transform that changes a Struct",
  () =>
    transform((record) => {
      if (record.value instanceof Struct && record.value.schema.field("id")) record.value.put("id", 1);
      return record;
    }),
  /never changes its input: .*record\.value\.id was 7 and is 1/,
);
mustFind(
  "a transform that adds to the headers it was given",
  () =>
    transform((record) => {
      record.headers?.add("x", "y");
      return record;
    }),
  /never changes its input: .*record\.headers was .*headers\.duplicate\(\)/,
);
mustFind(
  "a transform that makes a schema for each record",
  () =>
    transform((record) => {
      const schema = SchemaBuilder.struct().name("new").field("a", Schema.STRING).build();
      return { ...record, valueSchema: schema, value: Struct.of(schema, ["x"]) };
    }),
  /same schema object: .*two valueSchema objects that are equal: keep what you build in a WeakMap/,
);
mustFind(
  "a transform that loses a source's offset",
  () => transform(({ topic, value, valueSchema }) => ({ topic, value, valueSchema: valueSchema ?? null })),
  /loses or changes sourcePartition: return a copy of the whole record/,
);
mustFind(
  "a transform that crashes on a tombstone",
  () =>
    transform((record) => {
      String((record.value as object).constructor);
      return record;
    }),
  /TypeError: .*throw a DataError/,
);
mustFind("a transform that gives undefined", () => transform(() => undefined), /gives undefined: return null/);
mustFind("an asynchronous transform", () => transform(async (record) => record), /gives a promise/);
mustFind(
  "a transform that counts",
  () => transform((record) => ({ ...record, value: ++counter, valueSchema: Schema.INT64 })),
  /two answers: .*deterministic: false/,
);
mustFind(
  "a transform that refuses everything",
  () =>
    transform(() => {
      throw new DataError("no");
    }),
  /refuses every sample: give this test `records`/,
);
mustFind(
  "a transform that does not read its config",
  () => transform((record) => record, { configure() {} }),
  /configure takes a config with n=not one, of type INT: read the config by its ConfigDef/,
);
mustFind(
  "a transform whose answer does not fit its schema",
  () => transform((record) => ({ ...record, valueSchema: Schema.INT32, value: "text" })),
  /The value of The answer to .* does not fit its schema/,
);

test("the acceptance suite finds what a plugin does not say of itself", async () => {
  const bare = new ConfigDef()
    .define({ name: "db.password", type: "STRING", importance: "LOW", documentation: "Secret." })
    .define({ name: "type", type: "STRING", default: null, importance: "LOW", documentation: "" });
  const plugin = {
    ...about,
    class: "my transform",
    config: bare,
    type: "transformation",
    create: () => ({ configure: (given: Record<string, string>) => void bare.parse(given), apply: (r: object) => r }),
  } as unknown as Extract<Plugin, { type: "transformation" }>;
  const failed = await failures(transformationChecks(plugin, { config: { "db.password": "x" } }));
  assert.match(failed.get("says what it is") ?? "", /"my transform" is no class name/);
  assert.match(failed.get("documents each key of its config") ?? "", /db\.password looks like a secret/);
  assert.match(failed.get("leaves the runtime's own keys alone") ?? "", /The keys type mean something to the runtime/);
});

mustFind(
  "a predicate that does not answer true or false",
  () =>
    predicateChecks(
      {
        ...about,
        type: "predicate",
        create: () => ({ configure: (c) => void config.parse(c), test: () => 1 as never }),
      },
      {},
    ),
  /answers 1: answer true or false/,
);

const encoder = new TextEncoder();
function converter(rest: Partial<Converter>): readonly Check[] {
  return converterChecks(
    {
      ...about,
      type: "converter",
      create: () => ({
        configure: (given) => void config.parse(given),
        fromConnectData: (_topic, _schema, value) => (value === null ? null : encoder.encode(String(value))),
        toConnectData: (_topic, bytes) => ({
          schema: null,
          value: bytes === null ? null : new TextDecoder().decode(bytes),
        }),
        ...rest,
      }),
    },
    {
      samples: [
        { schema: Schema.STRING, value: "sample" },
        { schema: Schema.STRING, value: "another" },
      ],
    },
  );
}
const shared = new Uint8Array(100);
mustFind("nothing wrong with a converter that is right", () => converter({}));
mustFind(
  "a converter that crashes on bytes that are not its own",
  () =>
    converter({
      toConnectData: (_t, bytes) => ({ schema: null, value: bytes && JSON.parse(Buffer.from(bytes).toString()) }),
      fromConnectData: (_t, _s, value) =>
        value === null
          ? null
          : encoder.encode(JSON.stringify(value, (_k, v) => (typeof v === "bigint" ? String(v) : v))),
    }),
  /reads any bytes.* SyntaxError: .*throw a DataError/,
);
mustFind(
  "a converter that uses its buffer again",
  () =>
    converter({
      fromConnectData(_topic, _schema, value) {
        if (value === null) return null;
        return shared.subarray(0, encoder.encodeInto(String(value), shared).written);
      },
    }),
  /Bytes that were given out change when more is written/,
);
mustFind(
  "a converter that loses tombstones",
  () => converter({ fromConnectData: (_topic, _schema, value) => encoder.encode(String(value)) }),
  /null without schema is written as/,
);
mustFind(
  "a converter that keeps the caller's bytes",
  () => converter({ toConnectData: (_topic, bytes) => ({ schema: null, value: bytes }) }),
  /Not the same after writing and reading/,
  /What was read changes with the bytes it was read from/,
);
