// Pure: `replace.null.with.default`, the setting of every transform that copies structs.
import { ConfigError, type ConfigKeyDefinition } from "@millrace/connect";

const NAME = "replace.null.with.default";

export const NULL_DEFAULT_KEY: ConfigKeyDefinition = {
  name: NAME,
  type: "BOOLEAN",
  default: true,
  importance: "MEDIUM",
  documentation: "True: where a field with a default holds null, the result holds the default. False: it stays null.",
};

/** @throws ConfigError when the setting is there but null, for which Java has no boolean. */
export function nullsBecomeDefaults(config: Readonly<Record<string, unknown>>): boolean {
  const value = config[NAME];
  if (typeof value !== "boolean") throw new ConfigError(`${NAME} is null. Set it to true or false, or leave it out.`);
  return value;
}
