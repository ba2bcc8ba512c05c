import { ConfigDef, type Predicate } from "@millrace/connect";
import { predicate } from "../stock.ts";

export const recordIsTombstone = predicate({
  name: "RecordIsTombstone",
  overview: "True for records whose value is null.",
  config: new ConfigDef(),
  create: (): Predicate => ({ configure() {}, test: ({ value }) => (value ?? null) === null }),
});
