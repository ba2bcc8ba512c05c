import { ConfigDef, type Transformation } from "@millrace/connect";
import { transformation } from "./stock.ts";

export const filter = transformation({
  name: "Filter",
  overview: "Drops every record; give it a predicate that says which.",
  config: new ConfigDef(),
  create: (): Transformation => ({ configure() {}, apply: () => null }),
});
