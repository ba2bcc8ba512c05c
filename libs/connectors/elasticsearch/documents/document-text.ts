// Pure: documents as JSON text.

import { PerSchema, type Schema } from "@millrace/connect";
import { compileJsonWriter, type JsonWriter } from "@millrace/converters";
import { reshaped } from "./document-schema.ts";

const OPTIONS = { decimalFormat: "BASE64", replaceNullWithDefault: true } as const;

/** Writes what JsonConverter would without schemas; see document-schema.ts for what is changed before. */
export class DocumentText {
  #schemaless = compileJsonWriter(null, OPTIONS);
  #asIs = new PerSchema((schema) => compileJsonWriter(schema, OPTIONS));
  #reshaped: PerSchema<JsonWriter>;

  constructor(compactMaps: boolean) {
    this.#reshaped = new PerSchema((schema) => {
      const { schema: target, value: change } = reshaped(schema, compactMaps);
      const write = compileJsonWriter(target, OPTIONS);
      return change === null ? write : (value) => write(change(value));
    });
  }

  /** @throws DataError when the value does not fit its schema. */
  of(schema: Schema | null, value: unknown, ignoresSchema: boolean): string {
    if (schema === null) return this.#schemaless(value);
    return (ignoresSchema ? this.#asIs : this.#reshaped).get(schema)(value);
  }
}
