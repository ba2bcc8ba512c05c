// Runs one recorded case on our plugins and says where the answer differs.
import {
  ConfigDef,
  ConfigError,
  type ConfigKey,
  type ConnectRecord,
  type Converter,
  configText,
  type HeaderConverter,
  type Plugin,
  type PluginType,
  Schema,
  type SchemaAndValue,
  SchemaProjector,
  Values,
} from "@millrace/connect";
import converters from "../../libs/converters/plugin.ts";
import transforms from "../../libs/transforms/plugin.ts";
import debezium from "../../libs/transforms-debezium/plugin.ts";
import { defineSteps } from "../../services/runner/task-host/connector/step-config.ts";
import { PluginCatalogue } from "../../services/runner/task-host/plugin-catalogue.ts";
import { openTransforms } from "../../services/runner/task-host/task-plugins.ts";
import {
  dataDifference,
  errorDifference,
  plainDifference,
  recordDifference,
  schemaDifference,
  show,
  showError,
  valueDifference,
} from "./first-difference.ts";
import type { GoldenCase } from "./golden-case.ts";
import { toRecord, toSchema, toTyped, toValue } from "./golden-data.ts";
import { knownDifference } from "./known-differences.ts";

/** `known` differences cannot be helped: see known-differences.ts. */
type Outcome =
  | { readonly type: "same" }
  | { readonly type: "known"; readonly reason: string }
  | { readonly type: "different"; readonly text: string };

interface Kind<Answer> {
  /** The configured call. What this throws, `configure` threw. */
  open(golden: GoldenCase): () => Answer;
  difference(actual: Answer, golden: GoldenCase): string | null;
}

const catalogue = new PluginCatalogue([...converters, ...transforms, ...debezium]);

export function runCase(golden: GoldenCase): Outcome {
  const { text, thrown } = attempt(golden);
  if (text === null) return { type: "same" };
  const reason = thrown instanceof UnknownName ? null : knownDifference(golden, thrown);
  return reason === null ? { type: "different", text } : { type: "known", reason };
}

function attempt(golden: GoldenCase): { readonly text: string | null; readonly thrown: unknown } {
  const { error } = golden.expect;
  const kind = Object.hasOwn(KINDS, golden.kind) ? KINDS[golden.kind] : undefined;
  if (kind === undefined) {
    const text = `"${golden.kind}" is no kind of case: there are ${Object.keys(KINDS).join(", ")}`;
    return { text, thrown: new UnknownName(golden.kind) };
  }
  let stage: "configure" | "call" = "configure";
  try {
    const call = kind.open(golden);
    stage = "call";
    const answer = call();
    const text =
      error === undefined
        ? kind.difference(answer, golden)
        : `${show(answer)}, expected ${error.class}: ${error.message}`;
    return { text, thrown: null };
  } catch (thrown) {
    const unknown = thrown instanceof UnknownName;
    const text =
      unknown || error === undefined ? `failed with ${showError(thrown)}` : errorDifference(thrown, stage, error);
    return { text, thrown };
  }
}

const transform: Kind<ConnectRecord | null> = {
  open({ class: name, config, record }) {
    const transformation = find(name, "transformation").create();
    transformation.configure(config);
    const input = toRecord(record);
    return () => transformation.apply(input);
  },
  difference: (actual, { expect }) => recordDifference(actual, expect.record ?? null),
};

/** As a task would: its settings validated, then opened, then the record through all steps. */
const chain: Kind<ConnectRecord | null> = {
  open({ config, record }) {
    const definition = new ConfigDef();
    defineSteps(definition, config, catalogue);
    const wrong = definition.validate(config).flatMap(({ errors }) => errors);
    if (wrong.length > 0) throw new ConfigError(wrong.join("; "));
    const steps = openTransforms({ plugins: catalogue }, config);
    const input = toRecord(record);
    return () => steps.apply(input);
  },
  difference: transform.difference,
};

const predicate: Kind<boolean> = {
  open({ class: name, config, record }) {
    const tested = find(name, "predicate").create();
    tested.configure(config);
    const input = toRecord(record);
    return () => tested.test(input);
  },
  difference: (actual, { expect }) => plainDifference("result", actual, expect.result),
};

const from = (open: (golden: GoldenCase) => (input: SchemaAndValue) => Uint8Array | null): Kind<Uint8Array | null> => ({
  open(golden) {
    const write = open(golden);
    const input = toTyped(golden.data);
    return () => write(input);
  },
  difference: (actual, { expect }) => bytesDifference(actual, expect),
});

const to = (open: (golden: GoldenCase) => (bytes: Uint8Array | null) => SchemaAndValue): Kind<SchemaAndValue> => ({
  open(golden) {
    const read = open(golden);
    const bytes = golden.bytes === null ? null : Buffer.from(golden.bytes, "base64");
    return () => read(bytes);
  },
  difference: (actual, { expect }) => dataDifference("data", actual, expect.data ?? null),
});

const configError: Kind<null> = {
  open(golden) {
    configure(golden);
    return () => null;
  },
  difference: () => null,
};

/** Settings that Connect does not have. */
const OWN_KEYS = "millrace.";

const configDef: Kind<readonly unknown[]> = {
  open({ class: name }) {
    const plugin = find(name, "transformation", "predicate", "converter", "header_converter");
    const keys = [...plugin.config.keys.values()].filter(({ name }) => !name.startsWith(OWN_KEYS));
    return () => keys.sort((a, b) => (a.name < b.name ? -1 : 1)).map(describe);
  },
  difference: (actual, { expect }) => valueDifference("configs", actual, expect.configs),
};

const valueParse: Kind<SchemaAndValue> = {
  open:
    ({ input }) =>
    () =>
      (input === null ? null : Values.parseString(input)) ?? { schema: null, value: null },
  difference: (actual, { expect }) => dataDifference("data", actual, expect.data ?? null),
};

/** Schemas of what `Values.convertTo…` answers: its numbers are bare. */
const CONVERTED: Readonly<Record<string, Schema>> = {
  convertToByte: Schema.INT8,
  convertToShort: Schema.INT16,
  convertToInteger: Schema.INT32,
  convertToLong: Schema.INT64,
  convertToFloat: Schema.FLOAT32,
  convertToDouble: Schema.FLOAT64,
};

type Convert = (schema: Schema | null, value: unknown, scale?: number) => unknown;

const valueConvert: Kind<unknown> = {
  open({ method, data, scale }) {
    const convert = (Values as unknown as Readonly<Record<string, Convert>>)[method];
    if (convert === undefined) throw new UnknownName(`Values has no ${method}`);
    const { schema, value } = toTyped(data);
    if (method === "inferSchema") return () => (convert as (value: unknown) => unknown)(value);
    return () => convert(schema, value, scale);
  },
  difference(actual, { method, data, expect }) {
    if (method === "inferSchema") return schemaDifference("schema", actual as Schema | null, toSchema(expect.schema));
    return valueDifference("value", actual, toValue(expect.value ?? null, CONVERTED[method] ?? toSchema(data.schema)));
  },
};

const schemaProject: Kind<SchemaAndValue> = {
  open(golden) {
    const { schema, value } = toTyped(golden.data);
    const target = toSchema(golden.target);
    if (schema === null || target === null) throw new UnknownName("a projection takes two schemas");
    return () => ({ schema: target, value: SchemaProjector.project(schema, value, target) });
  },
  difference: (actual, { expect }) => dataDifference("data", actual, expect.data ?? null),
};

const KINDS: Readonly<Record<string, Kind<unknown>>> = {
  transform,
  chain,
  predicate,
  "converter-from": from((golden) => {
    const converter = converterOf(golden);
    return ({ schema, value }) => converter.fromConnectData(golden.topic, schema, value) as Uint8Array | null;
  }),
  "converter-to": to((golden) => {
    const converter = converterOf(golden);
    return (bytes) => converter.toConnectData(golden.topic, bytes) as SchemaAndValue;
  }),
  "header-from": from((golden) => {
    const converter = headerConverterOf(golden);
    return ({ schema, value }) => converter.fromConnectHeader(golden.topic, golden.headerKey, schema, value);
  }),
  "header-to": to((golden) => {
    const converter = headerConverterOf(golden);
    return (bytes) => converter.toConnectHeader(golden.topic, golden.headerKey, bytes);
  }),
  "config-error": configError,
  "config-def": configDef,
  "value-parse": valueParse,
  "value-convert": valueConvert,
  "schema-project": schemaProject,
};

function configure(golden: GoldenCase): void {
  if (golden.as === "header") {
    headerConverterOf(golden);
    return;
  }
  const plugin = find(golden.class, "transformation", "predicate", "converter", "header_converter");
  if (plugin.type === "converter") converterOf(golden);
  else plugin.create().configure(golden.config);
}

function converterOf({ class: name, config, isKey }: GoldenCase): Converter {
  const converter = find(name, "converter").create();
  converter.configure(config, isKey);
  return converter;
}

function headerConverterOf({ class: name, config }: GoldenCase): HeaderConverter {
  const converter = find(name, "header_converter").create();
  converter.configure(config);
  return converter;
}

/** Never an answer, even where an error is expected. */
class UnknownName extends Error {}

function find<T extends PluginType>(name: string, ...types: T[]): Extract<Plugin, { type: T }> {
  const plugin = catalogue.plugins.find(
    (each) => each.class === name && (types as readonly PluginType[]).includes(each.type),
  );
  if (plugin === undefined) throw new UnknownName(`there is no ${types[0]} ${name}`);
  return plugin as Extract<Plugin, { type: T }>;
}

function describe(key: ConfigKey): unknown {
  const { name, type, required, importance, internal } = key;
  return { name, type, required, default: required ? null : configText(key.default, type), importance, internal };
}

function bytesDifference(actual: Uint8Array | null, { bytes, utf8 }: GoldenCase["expect"]): string | null {
  const base64 = actual === null ? null : Buffer.from(actual).toString("base64");
  if (base64 === bytes) return null;
  const readable = utf8 !== undefined && actual !== null;
  return readable
    ? plainDifference("bytes", Buffer.from(actual).toString("utf8"), utf8)
    : plainDifference("bytes", base64, bytes);
}
