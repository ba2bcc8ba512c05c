import { ConfigDef, ConnectHeaders, type ConnectRecord, type Transformation, ValidList } from "@millrace/connect";
import { transformation } from "./stock.ts";

const CONFIG = new ConfigDef().define({
  name: "headers",
  type: "LIST",
  validator: ValidList.anyNonDuplicateValues(false, false),
  importance: "HIGH",
  documentation: "Names of the headers to remove.",
});

export const dropHeaders = transformation({
  name: "DropHeaders",
  overview: "Removes all headers of certain names.",
  config: CONFIG,
  create: () => new DropHeaders(),
});

class DropHeaders implements Transformation {
  #names: ReadonlySet<string> = new Set();

  configure(props: Readonly<Record<string, string>>): void {
    this.#names = new Set(CONFIG.parse(props).headers as string[]);
  }

  apply<R extends ConnectRecord>(record: R): R {
    const headers = record.headers ?? null;
    if (headers === null) return record;
    const kept = [...headers].filter((header) => !this.#names.has(header.key));
    return kept.length === headers.size ? record : { ...record, headers: new ConnectHeaders(kept) };
  }
}
