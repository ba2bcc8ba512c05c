// Pure: the setting by which a step refuses to change numbers without a word.
import type { ConfigKeyDefinition } from "./config-def.ts";

/** Of Millrace alone: Connect has no such setting, so it shows in no list of settings. */
export const STRICT_NUMBERS_KEY: ConfigKeyDefinition = {
  name: "millrace.strict.numbers",
  type: "BOOLEAN",
  default: false,
  importance: "LOW",
  documentation: "True: a number that its new type cannot hold is an error. False: it changes, as in Kafka Connect.",
  internal: true,
};
