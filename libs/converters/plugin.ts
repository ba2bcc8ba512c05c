import { type ConfigDef, definePlugin, type Plugin } from "@millrace/connect";
import { BOOLEAN_CONVERTER_CONFIG, BooleanConverter } from "./boolean-converter.ts";
import { BYTE_ARRAY_CONVERTER_CONFIG, ByteArrayConverter } from "./byte-array-converter.ts";
import { asHeaderConverter, type SynchronousConverter } from "./header-use.ts";
import { JsonConverter } from "./json-converter.ts";
import { JSON_CONVERTER_CONFIG } from "./json-converter-config.ts";
import {
  createDoubleConverter,
  createFloatConverter,
  createIntegerConverter,
  createLongConverter,
  createShortConverter,
  NUMBER_CONVERTER_CONFIG,
} from "./number-converters.ts";
import { SIMPLE_HEADER_CONVERTER_CONFIG, SimpleHeaderConverter } from "./simple-header-converter.ts";
import { STRING_CONVERTER_CONFIG, StringConverter } from "./string-converter.ts";

/** Of the Kafka release whose converters these are: configs that ask for a version find them. */
const VERSION = "4.3.1";

interface Stock {
  readonly class: string;
  readonly overview: string;
  readonly config: ConfigDef;
  create(): SynchronousConverter;
}

const STOCK: readonly Stock[] = [
  {
    class: "org.apache.kafka.connect.json.JsonConverter",
    overview: "JSON, with the schema in each message or without any.",
    config: JSON_CONVERTER_CONFIG,
    create: () => new JsonConverter(),
  },
  {
    class: "org.apache.kafka.connect.storage.StringConverter",
    overview: "Text in a chosen encoding.",
    config: STRING_CONVERTER_CONFIG,
    create: () => new StringConverter(),
  },
  {
    class: "org.apache.kafka.connect.converters.ByteArrayConverter",
    overview: "Bytes as they are.",
    config: BYTE_ARRAY_CONVERTER_CONFIG,
    create: () => new ByteArrayConverter(),
  },
  {
    class: "org.apache.kafka.connect.converters.BooleanConverter",
    overview: "A boolean in one byte.",
    config: BOOLEAN_CONVERTER_CONFIG,
    create: () => new BooleanConverter(),
  },
  {
    class: "org.apache.kafka.connect.converters.ShortConverter",
    overview: "A 16 bit integer, big-endian.",
    config: NUMBER_CONVERTER_CONFIG,
    create: createShortConverter,
  },
  {
    class: "org.apache.kafka.connect.converters.IntegerConverter",
    overview: "A 32 bit integer, big-endian.",
    config: NUMBER_CONVERTER_CONFIG,
    create: createIntegerConverter,
  },
  {
    class: "org.apache.kafka.connect.converters.LongConverter",
    overview: "A 64 bit integer, big-endian.",
    config: NUMBER_CONVERTER_CONFIG,
    create: createLongConverter,
  },
  {
    class: "org.apache.kafka.connect.converters.FloatConverter",
    overview: "A 32 bit floating point number, big-endian.",
    config: NUMBER_CONVERTER_CONFIG,
    create: createFloatConverter,
  },
  {
    class: "org.apache.kafka.connect.converters.DoubleConverter",
    overview: "A 64 bit floating point number, big-endian.",
    config: NUMBER_CONVERTER_CONFIG,
    create: createDoubleConverter,
  },
];

const SIMPLE_HEADER = definePlugin({
  type: "header_converter",
  class: "org.apache.kafka.connect.storage.SimpleHeaderConverter",
  version: VERSION,
  overview: "Header values as text, read back as the type they look like. The default for headers.",
  config: SIMPLE_HEADER_CONVERTER_CONFIG,
  create: () => new SimpleHeaderConverter(),
});

/** Every stock converter serves keys, values and headers. */
const plugins: readonly Plugin[] = [
  ...STOCK.map((stock) => definePlugin({ ...stock, type: "converter" as const, version: VERSION })),
  ...STOCK.map((stock) =>
    definePlugin({
      ...stock,
      type: "header_converter" as const,
      version: VERSION,
      create: () => asHeaderConverter(stock.create()),
    }),
  ),
  SIMPLE_HEADER,
];

export default plugins;
