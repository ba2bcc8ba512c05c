import {
  ConfigDef,
  ConnectHeaders,
  type ConnectRecord,
  NonNull,
  type SchemaAndValue,
  type Transformation,
  Values,
} from "@millrace/connect";
import { withPart } from "./record-copy.ts";
import { transformation } from "./stock.ts";

const CONFIG = new ConfigDef()
  .define({
    name: "header",
    type: "STRING",
    validator: NonNull,
    importance: "HIGH",
    documentation: "Name of the header.",
  })
  .define({
    name: "value.literal",
    type: "STRING",
    validator: NonNull,
    importance: "HIGH",
    documentation: "Value of the header. Its type follows from the text: `1` is a number, `[1,2]` an array.",
  });

export const insertHeader = transformation({
  name: "InsertHeader",
  overview: "Adds one and the same header to every record.",
  config: CONFIG,
  create: () => new InsertHeader(),
});

class InsertHeader implements Transformation {
  #name = "";
  #literal: SchemaAndValue = { schema: null, value: null };

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#name = config.header as string;
    this.#literal = Values.parseString(config["value.literal"] as string) ?? { schema: null, value: null };
  }

  apply<R extends ConnectRecord>(record: R): R {
    const headers = record.headers?.duplicate() ?? new ConnectHeaders();
    return withPart(record, { headers: headers.add(this.#name, this.#literal.value, this.#literal.schema) });
  }
}
