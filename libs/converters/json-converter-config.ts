// Pure: what JsonConverter can be configured with.
import { CaseInsensitiveValidString, ConfigDef, ConfigError, STRICT_NUMBERS_KEY } from "@millrace/connect";
import { defineConverterType } from "./converter-type.ts";

export const JSON_CONVERTER_CONFIG = defineConverterType(new ConfigDef())
  .define({
    name: "schemas.enable",
    type: "BOOLEAN",
    default: true,
    importance: "HIGH",
    documentation: "Include schemas within each of the serialized values and keys.",
    group: "Schemas",
    orderInGroup: 0,
    width: "MEDIUM",
    displayName: "Enable Schemas",
  })
  .define({
    name: "schemas.cache.size",
    type: "INT",
    default: 1000,
    importance: "HIGH",
    documentation: "The maximum number of schemas that can be cached in this converter instance.",
    group: "Schemas",
    orderInGroup: 1,
    width: "MEDIUM",
    displayName: "Schema Cache Size",
  })
  .define({
    name: "schema.content",
    type: "STRING",
    default: null,
    importance: "HIGH",
    documentation:
      "When set, this is used as the schema for all messages, and a message is the payload alone. Otherwise, the " +
      "schema should be included in the contents of each message.",
    group: "Schemas",
    orderInGroup: 2,
    width: "MEDIUM",
    displayName: "Schema Content",
  })
  .define({
    name: "decimal.format",
    type: "STRING",
    default: "BASE64",
    validator: CaseInsensitiveValidString.in("NUMERIC", "BASE64"),
    importance: "LOW",
    documentation: "Controls which format this converter will serialize decimals in: BASE64 or NUMERIC.",
    group: "Serialization",
    orderInGroup: 0,
    width: "MEDIUM",
    displayName: "Decimal Format",
  })
  .define({
    name: "replace.null.with.default",
    type: "BOOLEAN",
    default: true,
    importance: "LOW",
    documentation: "Whether to replace fields that have a default value and that are null to the default value.",
    group: "Serialization",
    orderInGroup: 1,
    width: "MEDIUM",
    displayName: "Replace null with default",
  })
  .define(STRICT_NUMBERS_KEY);

export interface JsonConverterOptions {
  readonly schemasEnable: boolean;
  readonly schemasCacheSize: number;
  readonly schemaContent: string | null;
  readonly decimalFormat: "BASE64" | "NUMERIC";
  readonly replaceNullWithDefault: boolean;
  readonly strictNumbers: boolean;
}

/** @throws ConfigError */
export function parseJsonConverterOptions(config: Readonly<Record<string, string>>): JsonConverterOptions {
  const parsed = JSON_CONVERTER_CONFIG.parse(config);
  return {
    schemasEnable: present(parsed, "schemas.enable") as boolean,
    schemasCacheSize: present(parsed, "schemas.cache.size") as number,
    schemaContent: parsed["schema.content"] as string | null,
    decimalFormat: (present(parsed, "decimal.format") as string).toUpperCase() as "BASE64" | "NUMERIC",
    replaceNullWithDefault: present(parsed, "replace.null.with.default") as boolean,
    strictNumbers: parsed[STRICT_NUMBERS_KEY.name] as boolean,
  };
}

/** Java fails where a configuration says null for one of these; only what is left out has its default. */
function present(parsed: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = parsed[key];
  if (value === null) throw new ConfigError(`${key} is null. Give it a value, or leave it out.`);
  return value;
}
