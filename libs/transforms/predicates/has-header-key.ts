import { ConfigDef, type ConnectRecord, NonEmptyString, type Predicate } from "@millrace/connect";
import { predicate } from "../stock.ts";

const CONFIG = new ConfigDef().define({
  name: "name",
  type: "STRING",
  validator: NonEmptyString,
  importance: "MEDIUM",
  documentation: "The header's key.",
});

export const hasHeaderKey = predicate({
  name: "HasHeaderKey",
  overview: "True for records with at least one header of a key.",
  config: CONFIG,
  create: () => new HasHeaderKey(),
});

class HasHeaderKey implements Predicate {
  #name: string | null = null;

  configure(props: Readonly<Record<string, string>>): void {
    this.#name = CONFIG.parse(props).name as string | null;
  }

  test({ headers }: ConnectRecord): boolean {
    return this.#name !== null && (headers ?? null) !== null && headers!.lastWithName(this.#name) !== null;
  }
}
