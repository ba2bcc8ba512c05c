import { type Converter, DataError, PerSchema, type Schema, type SchemaAndValue, Struct } from "@millrace/connect";
import { ByteArena, NO_BYTES } from "./byte-arena.ts";
import { type JsonConverterOptions, parseJsonConverterOptions } from "./json-converter-config.ts";
import { jsonText, utf8Text } from "./json-encoding.ts";
import { SCHEMALESS_NUMBERS, TREE_NUMBERS } from "./json-node.ts";
import { endOfNested, type JsonNode, JsonParser, JsonSyntaxError } from "./json-parser.ts";
import { compileJsonReader, type JsonReader } from "./json-reader.ts";
import { readJsonSchema } from "./json-schema-reader.ts";
import { jsonSchemaText } from "./json-schema-writer.ts";
import { STRICT_SCHEMALESS_NUMBERS } from "./json-strict-numbers.ts";
import { compileStructText, type JsonTextReader, NOT_TAKEN } from "./json-struct-text.ts";
import { compileJsonWriter, type JsonWriter } from "./json-writer.ts";
import { NestedJsonWriter } from "./nested-json-writer.ts";
import { PackedJsonWriter } from "./packed-json-writer.ts";

const NOT_AN_ENVELOPE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
  "If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.";
const UNREADABLE = "Converting byte[] to Kafka Connect data failed due to serialization error: ";
const SCHEMA_FIRST = '{"schema":';
const BEFORE_PAYLOAD = ',"payload":';
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

interface ParsedSchema {
  readonly text: string;
  readonly schema: Schema | null;
}

/** What writes the values of one schema. */
interface MessageWriter {
  /** Everything before the payload: copied as bytes, which is faster than encoding it anew with each. */
  readonly prefix: Uint8Array;
  readonly write: JsonWriter;
  readonly suffix: string;
  /** Null without a struct's schema. */
  readonly packed: PackedJsonWriter | null;
  /** Null where no field is a struct. */
  readonly nested: NestedJsonWriter | null;
}

/** What reads the values of one schema. */
interface PayloadReader {
  readonly read: JsonReader;
  /** Null: only `read` can. */
  readonly readText: JsonTextReader | null;
}

/** How a message begins, up to its payload. */
interface KnownStart {
  readonly bytes: Buffer;
  readonly schema: Schema | null;
}

/**
 * `org.apache.kafka.connect.json.JsonConverter`, byte for byte.
 *
 * Writing: each Schema object is compiled once; its `{"schema":...,"payload":` is a constant from then on.
 * Reading: schemas are kept by their text, so equal texts give the same Schema object.
 */
export class JsonConverter implements Converter {
  #options = parseJsonConverterOptions({ "converter.type": "value" });
  #configuredSchema: Schema | null = null;
  readonly #arena = new ByteArena();
  #writers = this.#newWriters();
  #readers = this.#newReaders();
  readonly #schemas = new Map<string, ParsedSchema>();
  /** Of the last message read: the next one mostly begins the same, and then only its payload is looked at. */
  #lastStart: KnownStart | null = null;
  #schemalessWriter: MessageWriter = compileMessageWriter(null, this.#options);
  #readSchemaless: JsonReader = compileJsonReader(null, this.#options);
  #schemalessNumbers = SCHEMALESS_NUMBERS;

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    this.#options = parseJsonConverterOptions({ ...config, "converter.type": isKey ? "key" : "value" });
    this.#writers = this.#newWriters();
    this.#readers = this.#newReaders();
    this.#schemas.clear();
    this.#lastStart = null;
    this.#schemalessWriter = compileMessageWriter(null, this.#options);
    this.#readSchemaless = compileJsonReader(null, this.#options);
    this.#schemalessNumbers = this.#options.strictNumbers ? STRICT_SCHEMALESS_NUMBERS : SCHEMALESS_NUMBERS;
    this.#configuredSchema = this.#readConfiguredSchema();
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema === null) {
      return value === null || value === undefined ? null : this.#write(this.#schemalessWriter, value);
    }
    const writer = this.#writers.get(schema);
    const bytes = value instanceof Struct && value.schema === schema ? this.#writePacked(writer, value) : null;
    return bytes ?? this.#write(writer, value);
  }

  #writePacked({ packed, nested }: MessageWriter, struct: Struct): Uint8Array | null {
    const row = struct.packed;
    if (row === null) return nested === null ? null : nested.write(struct, this.#arena);
    return packed === null ? null : packed.write(row, this.#arena);
  }

  #write({ prefix, write, suffix }: MessageWriter, value: unknown): Uint8Array {
    return this.#arena.utf8(write(value) + suffix, prefix);
  }

  /** The schema is null with `schemas.enable=false`, or when the message says so. */
  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null };
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      return this.#readKnownStart(buffer) ?? this.#read(buffer);
    } catch (cause) {
      if (!(cause instanceof JsonSyntaxError)) throw cause;
      throw new DataError(UNREADABLE, { cause });
    }
  }

  #read(buffer: Buffer): SchemaAndValue {
    const text = jsonText(buffer);
    if (text === null) throw new JsonSyntaxError("Invalid encoding", 0);
    if (!this.#options.schemasEnable) {
      return { schema: null, value: new JsonParser(text, this.#schemalessNumbers).root() ?? null };
    }
    const parser = new JsonParser(text, TREE_NUMBERS);
    if (this.#configuredSchema !== null) {
      const node = parser.root();
      return { schema: this.#configuredSchema, value: this.#readers.get(this.#configuredSchema).read(node) };
    }
    const { schema, schemaEnd, payload } = this.#envelope(parser);
    this.#lastStart = knownStart(buffer, text.slice(0, schemaEnd), schema);
    return this.#valueOf(schema, payload);
  }

  /** Null when the message does not begin as the last one did, or does not go on with the payload alone. */
  #readKnownStart(buffer: Buffer): SchemaAndValue | null {
    const start = this.#lastStart;
    if (start === null || buffer.length < start.bytes.length) return null;
    if (start.bytes.compare(buffer, 0, start.bytes.length) !== 0) return null;
    const text = utf8Text(buffer, start.bytes.length);
    const { schema } = start;
    const value = schema === null ? NOT_TAKEN : this.#readText(schema, text);
    if (value !== NOT_TAKEN) return { schema, value };
    const parser = payloadParser(text);
    const payload = parser.value();
    return parser.peek() === CLOSE_BRACE ? this.#valueOf(schema, payload) : null;
  }

  #readText(schema: Schema, text: string): unknown {
    const { readText } = this.#readers.get(schema);
    if (readText === null) return NOT_TAKEN;
    const parser = payloadParser(text);
    try {
      const value = readText(parser);
      return value !== NOT_TAKEN && parser.peek() === CLOSE_BRACE ? value : NOT_TAKEN;
    } catch {
      // The other way says which of a message's faults is the first.
      return NOT_TAKEN;
    }
  }

  #valueOf(schema: Schema | null, payload: JsonNode): SchemaAndValue {
    return { schema, value: (schema === null ? this.#readSchemaless : this.#readers.get(schema).read)(payload) };
  }

  #envelope(parser: JsonParser): {
    readonly schema: Schema | null;
    readonly schemaEnd: number;
    readonly payload: JsonNode;
  } {
    if (parser.peek() !== OPEN_BRACE) {
      parser.root();
      throw new DataError(NOT_AN_ENVELOPE);
    }
    let parseSchema: (() => Schema | null) | undefined;
    let schemaEnd = 0;
    let payload: JsonNode;
    let others = false;
    parser.members((key) => {
      if (key === "schema") {
        parseSchema = this.#takeSchema(parser);
        schemaEnd = parser.position;
      } else if (key === "payload") payload = parser.value();
      else {
        parser.value();
        others = true;
      }
    });
    if (parseSchema === undefined || payload === undefined || others) throw new DataError(NOT_AN_ENVELOPE);
    return { schema: parseSchema(), schemaEnd, payload };
  }

  /** Takes the schema's text. What the schema itself has wrong shows only when called: bad JSON behind it goes first. */
  #takeSchema(parser: JsonParser): () => Schema | null {
    if (parser.peek() !== OPEN_BRACE) {
      const node = parser.value();
      return () => readJsonSchema(node, this.#options);
    }
    const start = parser.position;
    const known = this.#knownSchema(parser.text, start);
    if (known !== null) {
      parser.position += known.text.length;
      return () => known.schema;
    }
    const node = parser.value();
    const text = parser.text.slice(start, parser.position);
    return () => this.#remember({ text, schema: readJsonSchema(node, this.#options) }).schema;
  }

  #knownSchema(text: string, start: number): ParsedSchema | null {
    if (this.#schemas.size === 0) return null;
    const end = endOfNested(text, start);
    const known = end < 0 ? undefined : this.#schemas.get(text.slice(start, end));
    return known === undefined ? null : this.#remember(known);
  }

  /** Most recently used last; the first goes when there are too many. */
  #remember(parsed: ParsedSchema): ParsedSchema {
    const { schemasCacheSize } = this.#options;
    if (schemasCacheSize <= 0) return parsed;
    this.#schemas.delete(parsed.text);
    this.#schemas.set(parsed.text, parsed);
    if (this.#schemas.size > schemasCacheSize) {
      for (const oldest of this.#schemas.keys()) {
        this.#schemas.delete(oldest);
        break;
      }
    }
    return parsed;
  }

  #newWriters(): PerSchema<MessageWriter> {
    return new PerSchema((schema) => compileMessageWriter(schema, this.#options));
  }

  #newReaders(): PerSchema<PayloadReader> {
    return new PerSchema((schema) => ({
      read: compileJsonReader(schema, this.#options),
      readText: compileStructText(schema, this.#options),
    }));
  }

  #readConfiguredSchema(): Schema | null {
    const { schemaContent } = this.#options;
    if (schemaContent === null || schemaContent === "") return null;
    let node: JsonNode;
    try {
      node = new JsonParser(schemaContent, TREE_NUMBERS).root();
    } catch (cause) {
      throw new DataError("Failed to parse schema in converter config due to serialization error: ", { cause });
    }
    return readJsonSchema(node, this.#options);
  }
}

/** Only for UTF-8 without a byte order mark, and with the schema first: else the bytes are not those of the text. */
function knownStart(message: Buffer, text: string, schema: Schema | null): KnownStart | null {
  const bytes = Buffer.from(text + BEFORE_PAYLOAD, "utf8");
  const same = text.startsWith(SCHEMA_FIRST) && bytes.compare(message, 0, bytes.length) === 0;
  return same ? { bytes, schema } : null;
}

/** In one bracket, the message's. */
function payloadParser(text: string): JsonParser {
  return new JsonParser(text, TREE_NUMBERS, 1);
}

function compileMessageWriter(schema: Schema | null, options: JsonConverterOptions): MessageWriter {
  const write = compileJsonWriter(schema, options);
  const { schemasEnable } = options;
  const prefix = schemasEnable ? Buffer.from(`{"schema":${jsonSchemaText(schema, options)},"payload":`) : NO_BYTES;
  const suffix = schemasEnable ? "}" : "";
  const parts = { prefix, suffix: Buffer.from(`}${suffix}`) };
  const fields = schema?.fields ?? [];
  const message = schema === null ? null : { schema, options, ...parts };
  const packed = message === null || fields.length === 0 ? null : new PackedJsonWriter(message);
  const holdsStructs = fields.some((field) => field.schema.type === "STRUCT");
  const nested = message === null || !holdsStructs ? null : new NestedJsonWriter(message);
  return { prefix, write, suffix, packed, nested };
}
