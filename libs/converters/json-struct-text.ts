// Pure: the text of a struct to its values at once, without a tree in between. A schema is compiled once. Only text as JsonConverter
// writes it is taken, with every field, in the schema's order, without spaces; json-reader.ts reads everything.
import { type Schema, Struct } from "@millrace/connect";
import type { JsonParser } from "./json-parser.ts";
import { compileJsonReader, isLogical, type JsonReadOptions, requireFitting } from "./json-reader.ts";

/** What a reader gives for text that it does not take. Where the parser is then says nothing. */
export const NOT_TAKEN = Symbol("not taken");

/** Reads a value where the parser stands, and leaves it behind. @throws when something is wrong, not always the first thing. */
export type JsonTextReader = (parser: JsonParser) => unknown;

interface FieldText {
  /** `{"name":` or `,"name":` */
  readonly start: string;
  readonly read: JsonTextReader;
}

/** Null for schemas of other values. */
export function compileStructText(schema: Schema, options: JsonReadOptions): JsonTextReader | null {
  if (schema.type !== "STRUCT" || isLogical(schema) || schema.fields.length === 0) return null;
  const fields = schema.fields.map(({ name, schema: field }, i): FieldText => {
    const start = `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`;
    return { start, read: compileField(name, field, options) };
  });
  return (parser) => {
    const values = new Array<unknown>(fields.length);
    parser.enter();
    for (let i = 0; i < fields.length; i++) {
      const { start, read } = fields[i]!;
      if (!parser.takes(start)) return NOT_TAKEN;
      const value = read(parser);
      if (value === NOT_TAKEN) return NOT_TAKEN;
      values[i] = value;
    }
    if (!parser.takes("}")) return NOT_TAKEN;
    parser.leave();
    return Struct.of(schema, values);
  };
}

function compileField(name: string, schema: Schema, options: JsonReadOptions): JsonTextReader {
  const read = compileJsonReader(schema, options, `field "${name}"`);
  const fit = requireFitting(name, schema);
  const whole: JsonTextReader = (parser) => fit(read(parser.value()));
  const struct = compileStructText(schema, options);
  if (struct !== null) return (parser) => (parser.isAt("{") ? struct(parser) : whole(parser));
  if (schema.type !== "FLOAT64" || options.strictNumbers) return whole;
  return (parser) => parser.shortNumber() ?? whole(parser);
}
