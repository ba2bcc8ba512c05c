import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConfigKey,
  type Converter,
  configText,
  type HeaderConverter,
  type Plugin,
  type SchemaAndValue,
  Values,
} from "@millrace/connect";
import {
  assertSameData,
  assertSameError,
  type GoldenCase,
  goldenCases,
  toTyped,
} from "../../test/golden/golden-case.ts";
import plugins from "./plugin.ts";

/** Cases that cannot hold here, each with its reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "jsonfrom-schemaless-045": "a bigint is an int64 here; there is no BigInteger to refuse",
  "jsonto-logical-timestamp-009": "a JS Date ends in the year 275760: refused with a DataError instead",
};

for (const file of ["json-from", "json-to", "simple-converters", "header-converters", "values-parse"]) {
  test(`golden ${file}: every answer is Kafka's own`, async (t) => {
    for (const golden of goldenCases(file)) {
      const reason = DIFFERENT[golden.id];
      const matches = () => check(golden, () => run(golden));
      if (reason === undefined) await t.test(golden.id, matches);
      else await t.test(`${golden.id} still differs: ${reason}`, () => assert.throws(matches));
    }
  });
}

test("golden config-errors: configure takes and refuses what Kafka's converters do", async (t) => {
  for (const golden of goldenCases("config-errors").filter(isOurs)) {
    await t.test(golden.id, () => check(golden, () => void configured(golden)));
  }
});

test("golden config-defs: settings have Kafka's names, types and defaults", async (t) => {
  for (const golden of goldenCases("config-defs").filter(isOurs)) {
    await t.test(golden.id, () => {
      const keys = [...find(golden, "converter").config.keys.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(keys.map(describe), golden.expect.configs);
    });
  }
});

function isOurs(golden: GoldenCase): boolean {
  return plugins.some((plugin) => plugin.class === golden.class);
}

function describe(key: ConfigKey): unknown {
  const { name, type, required, importance, internal } = key;
  return { name, type, required, default: required ? null : configText(key.default, type), importance, internal };
}

function check(golden: GoldenCase, act: () => void): void {
  const { error } = golden.expect;
  if (error === undefined) {
    act();
    return;
  }
  assert.throws(act, (thrown) => {
    assertSameError(thrown, error);
    return true;
  });
}

function run(golden: GoldenCase): void {
  if (golden.kind === "value-parse") {
    assertSameData(parse(golden.input), golden.expect.data ?? null);
    return;
  }
  const converter = configured(golden);
  if (golden.kind.endsWith("-from")) {
    const { schema, value } = toTyped(golden.data);
    assertSameBytes(converter.from(golden, schema, value), golden);
  } else {
    const bytes = golden.bytes === null ? null : Buffer.from(golden.bytes, "base64");
    assertSameData(converter.to(golden, bytes), golden.expect.data ?? null);
  }
}

function parse(input: string | null): SchemaAndValue {
  return (input === null ? null : Values.parseString(input)) ?? { schema: null, value: null };
}

function assertSameBytes(actual: Uint8Array | null, golden: GoldenCase): void {
  const { bytes, utf8 } = golden.expect;
  if (typeof utf8 === "string" && actual !== null) assert.equal(Buffer.from(actual).toString("utf8"), utf8);
  assert.equal(actual === null ? null : Buffer.from(actual).toString("base64"), bytes);
}

interface Configured {
  from(golden: GoldenCase, schema: SchemaAndValue["schema"], value: unknown): Uint8Array | null;
  to(golden: GoldenCase, bytes: Uint8Array | null): SchemaAndValue;
}

function configured(golden: GoldenCase): Configured {
  if (golden.kind.startsWith("header-")) {
    const converter = find(golden, "header_converter").create() as HeaderConverter;
    converter.configure(golden.config);
    return {
      from: ({ topic, headerKey }, schema, value) => converter.fromConnectHeader(topic, headerKey, schema, value),
      to: ({ topic, headerKey }, bytes) => converter.toConnectHeader(topic, headerKey, bytes),
    };
  }
  const converter = find(golden, "converter").create() as Converter;
  converter.configure(golden.config, golden.isKey);
  return {
    from: ({ topic }, schema, value) => converter.fromConnectData(topic, schema, value) as Uint8Array | null,
    to: ({ topic }, bytes) => converter.toConnectData(topic, bytes) as SchemaAndValue,
  };
}

function find(golden: GoldenCase, type: Plugin["type"]): Plugin {
  const plugin = plugins.find((each) => each.class === golden.class && each.type === type);
  assert.ok(plugin, `${golden.class} is not a ${type} here`);
  return plugin;
}
