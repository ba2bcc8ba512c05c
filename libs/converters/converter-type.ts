// Pure: the setting every converter has.
import type { ConfigDef } from "@millrace/connect";
import { ValidString } from "@millrace/connect";

/** `converter.type` is set by the runtime, or by `configure`, never by users. */
export function defineConverterType(def: ConfigDef): ConfigDef {
  return def.define({
    name: "converter.type",
    type: "STRING",
    validator: ValidString.in("key", "value", "header"),
    importance: "LOW",
    documentation: "How this converter will be used.",
  });
}
