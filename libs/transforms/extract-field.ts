import {
  ConfigDef,
  ConfigError,
  type ConnectRecord,
  IllegalArgumentError,
  PerSchema,
  type Schema,
  type Transformation,
} from "@millrace/connect";
import { FIELD_SYNTAX_VERSION_KEY, fieldSyntaxVersion, SingleFieldPath } from "./field-path.ts";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMapOrNull, requireStructOrNull } from "./requirements.ts";
import { keyAndValue } from "./stock.ts";

const PURPOSE = "field extraction";

const CONFIG = new ConfigDef()
  .define({ name: "field", type: "STRING", importance: "MEDIUM", documentation: "Name of, or path to, the field." })
  .define(NULL_DEFAULT_KEY)
  .define(FIELD_SYNTAX_VERSION_KEY);

export const extractField = keyAndValue({
  name: "ExtractField",
  overview: "Puts one field of the key or value in its place. Null stays null.",
  config: CONFIG,
  create: (side) => new ExtractField(side),
});

class ExtractField implements Transformation {
  readonly #side: RecordSide;
  readonly #schemas = new PerSchema((schema) => this.#fieldSchema(schema));
  #text = "";
  #path = new SingleFieldPath("", "V1");
  #nullsBecomeDefaults = true;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    const field = config.field as string | null;
    if (field === null) throw new ConfigError("field is null. Set it to the name of the field to extract.");
    this.#text = field;
    this.#path = new SingleFieldPath(field, fieldSyntaxVersion(config));
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.#side.schemaOf(record);
    const value = this.#side.valueOf(record);
    if (schema === null) {
      const map = requireMapOrNull(value, PURPOSE);
      return this.#side.with(record, null, map === null ? null : this.#path.valueFromMap(map));
    }
    const struct = requireStructOrNull(value, PURPOSE);
    const fieldSchema = this.#schemas.get(schema);
    const field = struct === null ? null : this.#path.valueFromStruct(struct, this.#nullsBecomeDefaults);
    return this.#side.with(record, fieldSchema, field);
  }

  #fieldSchema(schema: Schema): Schema {
    const field = this.#path.fieldFrom(schema);
    if (field === undefined) throw new IllegalArgumentError(`Unknown field: ${this.#text}`);
    return field.schema;
  }
}
