// The stock converters, by hand. Runtimes find them through plugin.ts; this is for code that wants one directly.
export { BooleanConverter } from "./boolean-converter.ts";
export { ByteArrayConverter } from "./byte-array-converter.ts";
export { JsonConverter } from "./json-converter.ts";
export { compileJsonWriter, type JsonWriteOptions, type JsonWriter } from "./json-writer.ts";
export {
  createDoubleConverter,
  createFloatConverter,
  createIntegerConverter,
  createLongConverter,
  createShortConverter,
} from "./number-converters.ts";
export { SimpleHeaderConverter } from "./simple-header-converter.ts";
export { StringConverter } from "./string-converter.ts";
