// What must hold for whatever goes into a converter, as data: unit tests try a few inputs, `npm run fuzz` many.
import assert from "node:assert/strict";
import {
  type Converter,
  type ConverterPlugin,
  DataError,
  dataEquals,
  type HeaderConverter,
  type HeaderConverterPlugin,
  isInstance,
  Schema,
  type SchemaAndValue,
  Values,
} from "@millrace/connect";
import fc from "fast-check";
import { JsonConverter } from "../json-converter.ts";
import plugins from "../plugin.ts";
import { anyBytes, jsonBytes, valueTexts } from "./raw-input.ts";
import { type TypedValue, typedValues } from "./typed-data.ts";

interface ConverterProperty {
  readonly name: string;
  readonly property: fc.IRawProperty<unknown, false>;
}

type Config = Readonly<Record<string, string>>;

const TOPIC = "t";
const JSON_CONFIGS: readonly Config[] = [
  {},
  { "schemas.enable": "false" },
  { "millrace.strict.numbers": "true" },
  { "schemas.enable": "false", "millrace.strict.numbers": "true" },
  { "replace.null.with.default": "false", "schemas.cache.size": "2" },
  { "schema.content": '{"type":"struct","fields":[{"field":"a","type":"int32","optional":true}]}' },
];

/** Of every converter and header converter that plugin.ts has. */
export function converterProperties(): readonly ConverterProperty[] {
  const converters = plugins.filter((plugin) => plugin.type === "converter");
  const headerConverters = plugins.filter((plugin) => plugin.type === "header_converter");
  return [
    ...converters.flatMap((plugin) => configsOf(plugin).flatMap((config) => propertiesOf(plugin, config))),
    ...headerConverters.flatMap((plugin) => configsOf(plugin).flatMap((config) => headerPropertiesOf(plugin, config))),
    ...["BASE64", "NUMERIC"].map(jsonRoundTrip),
    ...TEXT_PROPERTIES,
  ];
}

function configsOf(plugin: ConverterPlugin | HeaderConverterPlugin): readonly Config[] {
  if (plugin.class.endsWith("JsonConverter")) return JSON_CONFIGS;
  return plugin.class.endsWith("StringConverter") ? [{}, { "converter.encoding": "UTF-16" }] : [{}];
}

function propertiesOf(plugin: ConverterPlugin, config: Config): ConverterProperty[] {
  const open = (): Converter => {
    const converter = plugin.create();
    converter.configure(config, false);
    return converter;
  };
  const used = open();
  const read = (converter: Converter, bytes: Uint8Array) => converter.toConnectData(TOPIC, bytes) as SchemaAndValue;
  const write = ({ schema, value }: TypedValue) => used.fromConnectData(TOPIC, schema, value) as Uint8Array | null;
  return [
    {
      name: `${titleOf(plugin, config)} reads any bytes, or says why not`,
      property: fc.property(fc.oneof(jsonBytes, anyBytes), (bytes) => {
        const first = outcome(() => read(used, bytes));
        assertSame(
          first,
          outcome(() => read(used, bytes)),
          "the second time",
        );
        assertSame(
          first,
          outcome(() => read(open(), bytes)),
          "in a new converter",
        );
      }),
    },
    {
      name: `${titleOf(plugin, config)} writes any value, or says why not, and reads what it wrote`,
      property: fc.property(typedValues, (typed) => {
        const written = outcome(() => write(typed));
        if (written instanceof Uint8Array) outcome(() => read(used, written));
      }),
    },
  ];
}

function headerPropertiesOf(plugin: HeaderConverterPlugin, config: Config): ConverterProperty[] {
  const converter: HeaderConverter = plugin.create();
  converter.configure({ ...config, "converter.type": "header" });
  const read = (bytes: Uint8Array) => converter.toConnectHeader(TOPIC, "h", bytes);
  const texts = valueTexts.map((text) => Buffer.from(text, "utf8"));
  return [
    {
      name: `${titleOf(plugin, config)} reads any bytes of a header, or says why not`,
      property: fc.property(fc.oneof(texts, jsonBytes, anyBytes), (bytes) => {
        assertSame(
          outcome(() => read(bytes)),
          outcome(() => read(bytes)),
          "the second time",
        );
      }),
    },
    {
      name: `${titleOf(plugin, config)} writes any header, or says why not, and reads what it wrote`,
      property: fc.property(typedValues, ({ schema, value }) => {
        const written = outcome(() => converter.fromConnectHeader(TOPIC, "h", schema, value));
        if (written instanceof Uint8Array) outcome(() => read(written));
      }),
    },
  ];
}

function jsonRoundTrip(decimalFormat: string): ConverterProperty {
  const converter = new JsonConverter();
  converter.configure({ "decimal.format": decimalFormat, "replace.null.with.default": "false" }, false);
  return {
    name: `JsonConverter with schemas and ${decimalFormat} reads back what it wrote`,
    property: fc.property(typedValues, ({ schema, value }) => {
      const bytes = converter.fromConnectData(TOPIC, schema, value)!;
      const back = converter.toConnectData(TOPIC, bytes);
      assert.ok(schema.equals(back.schema), `${back.schema}`);
      const again = converter.toConnectData(TOPIC, bytes);
      assert.equal(again.schema, back.schema, "the same text gives the same schema object");
      assert.ok(dataEquals(again.value, back.value));
      // A plain number does not say its scale.
      if (decimalFormat === "BASE64") assert.ok(dataEquals(back.value, value), Buffer.from(bytes).toString());
    }),
  };
}

const words = fc.stringMatching(/^[a-z][a-z ]{0,10}$/);
const int8 = fc.integer({ min: -128, max: 127 });
/** Until the year 9999, which have the length that is looked for; no time of day is midnight, which is a date. */
const dates = fc.date({ noInvalidDate: true, min: new Date(86_400_000), max: new Date(253_402_300_799_999) });

/** Text of these reads back as the same schema and value. */
const readableBack: fc.Arbitrary<SchemaAndValue> = fc.oneof(
  int8.map((value) => ({ schema: Schema.INT8, value })),
  fc.boolean().map((value) => ({ schema: Schema.BOOLEAN, value })),
  fc
    .float({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value) || Math.abs(value) > 1e19)
    .map((value) => ({ schema: Schema.FLOAT32, value })),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map((value) => ({ schema: Schema.INT64, value })),
  fc.array(int8, { minLength: 1 }).map((value) => ({ schema: arrayOf(Schema.INT8), value })),
  fc.array(words, { minLength: 1 }).map((value) => ({ schema: arrayOf(Schema.STRING), value })),
  fc.dictionary(words, fc.boolean(), { minKeys: 1 }).map((entries) => ({
    schema: new Schema({ type: "MAP", keySchema: Schema.STRING, valueSchema: Schema.BOOLEAN }),
    value: new Map(Object.entries(entries)),
  })),
);

const TEXT_PROPERTIES: readonly ConverterProperty[] = [
  {
    name: "Values.parseString gives a value for any text, one that fits its schema, and always the same",
    property: fc.property(valueTexts, (text) => {
      const parsed = Values.parseString(text);
      assertSame(parsed, Values.parseString(text), "the second time");
      if (parsed !== null) assert.ok(parsed.schema !== null && isInstance(parsed.schema, parsed.value));
    }),
  },
  {
    name: "Values.convertToString writes whatever parseString read",
    property: fc.property(valueTexts, (text) => {
      const parsed = Values.parseString(text);
      if (parsed !== null) assert.equal(typeof Values.convertToString(parsed.schema, parsed.value), "string");
    }),
  },
  {
    name: "Values.parseString reads back what convertToString wrote",
    property: fc.property(readableBack, ({ schema, value }) => {
      const back = Values.parseString(Values.convertToString(schema, value)!);
      assertSame(back, { schema, value }, "read back");
    }),
  },
  {
    name: "Values.parseString reads dates back as the same instant",
    property: fc.property(dates, (date) => {
      assert.deepEqual(Values.parseString(Values.convertToString(null, date)!)?.value, date);
    }),
  },
];

function arrayOf(valueSchema: Schema): Schema {
  return new Schema({ type: "ARRAY", valueSchema });
}

function titleOf({ class: name }: { readonly class: string }, config: Config): string {
  const settings = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  return [name.slice(name.lastIndexOf(".") + 1), ...settings].join(" ");
}

/** What came of a call; a DataError is an answer, any other failure is not. */
function outcome<T>(call: () => T): T | DataError {
  try {
    return call();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

type Outcome = SchemaAndValue | DataError | null;

function assertSame(first: Outcome, second: Outcome, when: string): void {
  if (first === null || second === null || first instanceof DataError || second instanceof DataError) {
    assert.equal(String(second), String(first), when);
    return;
  }
  const sameSchema = first.schema === null ? second.schema === null : first.schema.equals(second.schema);
  assert.ok(sameSchema && dataEquals(first.value, second.value), `another answer ${when}`);
}
