import type { Converter, ConverterPlugin, HeaderConverterPlugin } from "../mod.ts";
import { type Check, insist, registerChecks } from "./check.ts";
import {
  type BothWays,
  type ConverterSample,
  checkAnyBytes,
  checkAnyData,
  checkBytesStay,
  checkNull,
  checkRoundTrip,
} from "./converter-checks.ts";
import { configureChecks, pluginChecks } from "./plugin-checks.ts";

export interface ConverterOptions {
  /** As a connector's config has it, without `value.converter.`. Default: empty. */
  readonly config?: Readonly<Record<string, string>>;
  /** Values the converter is for. */
  readonly samples: readonly ConverterSample[];
  /** True for one that passes bytes on: what it reads may be the bytes it was given. Default: false. */
  readonly sharesBytes?: boolean;
}

/** Registers the acceptance suite of a converter as node tests, for its use with keys and with values. */
export function testConverter(plugin: ConverterPlugin, options: ConverterOptions): void {
  registerChecks(`converter ${plugin.class}`, converterChecks(plugin, options));
}

/** Registers the acceptance suite of a header converter as node tests. */
export function testHeaderConverter(plugin: HeaderConverterPlugin, options: ConverterOptions): void {
  registerChecks(`header converter ${plugin.class}`, headerConverterChecks(plugin, options));
}

/** The runtime says in `converter.type` what a converter is validated for. */
export function converterChecks(plugin: ConverterPlugin, options: ConverterOptions): Check[] {
  const { config = {}, samples } = options;
  const open = (isKey: boolean): BothWays & Pick<Converter, "close"> => {
    const converter = plugin.create();
    converter.configure(config, isKey);
    return {
      write: (schema, value) => converter.fromConnectData("topic", schema, value),
      read: (bytes) => converter.toConnectData("topic", bytes),
      close: () => converter.close?.(),
    };
  };
  return [
    ...pluginChecks(plugin, { "converter.type": "value", ...config }),
    ...configureChecks(plugin, config, (given) => plugin.create().configure(given, false)),
    ...(["keys", "values"] as const).map((use) => ({
      name: `writes samples and reads them back, with ${use}`,
      run: () => checkRoundTrip(open(use === "keys"), samples),
    })),
    { name: "writes the same key the same way in every instance", run: () => checkInstances(open, samples) },
    ...dataChecks(() => open(false), options),
    { name: "can be closed twice", run: () => closeTwice(open(true)) },
  ];
}

function headerConverterChecks(plugin: HeaderConverterPlugin, options: ConverterOptions): Check[] {
  const { config = {}, samples } = options;
  const open = (): BothWays & Pick<Converter, "close"> => {
    const converter = plugin.create();
    converter.configure(config);
    return {
      write: (schema, value) => atOnce(converter.fromConnectHeader("topic", "header", schema, value)),
      read: (bytes) => atOnce(converter.toConnectHeader("topic", "header", bytes)),
      close: () => converter.close?.(),
    };
  };
  return [
    ...pluginChecks(plugin, { "converter.type": "header", ...config }),
    ...configureChecks(plugin, config, (given) => plugin.create().configure(given)),
    { name: "writes samples and reads them back", run: () => checkRoundTrip(open(), samples) },
    ...dataChecks(open, options),
    { name: "can be closed twice", run: () => closeTwice(open()) },
  ];
}

function dataChecks(open: () => BothWays, { samples, sharesBytes = false }: ConverterOptions): Check[] {
  return [
    { name: "writes null as null and reads it back", run: () => checkNull(open()) },
    {
      name: "keeps its hands off bytes given and bytes taken",
      run: () => checkBytesStay(open(), samples, sharesBytes),
    },
    { name: "reads any bytes, or refuses them by DataError", run: () => checkAnyBytes(open(), samples) },
    { name: "writes any data, or refuses it by DataError", run: () => checkAnyData(open()) },
  ];
}

async function checkInstances(open: (isKey: boolean) => BothWays, samples: ConverterOptions["samples"]): Promise<void> {
  const [one, other] = [open(true), open(true)];
  for (const [i, { schema, value }] of samples.entries()) {
    const bytes = await one.write(schema, value);
    const others = await other.write(schema, value);
    insist(
      (bytes === null && others === null) || (bytes !== null && others !== null && Buffer.compare(bytes, others) === 0),
      `Two instances write sample ${i + 1} differently: equal keys from two tasks would land in several partitions.`,
    );
  }
}

function closeTwice(converter: Pick<Converter, "close">): void {
  converter.close?.();
  converter.close?.();
}

function atOnce<T>(answer: T): T {
  insist(!(answer instanceof Promise), "It answers with a promise: header converters are synchronous.");
  return answer;
}
