// Pure: the settings of ByLogicalTableRouter.
import { ConfigDef, ConnectError, invalidValue } from "@millrace/connect";
import { JavaPattern, javaTrim } from "@millrace/java-text";
import { ADJUSTMENT_MODES, schemaNameAdjuster } from "./field-name-adjuster.ts";
import { booleanSetting, type Check, isBoolean, literal, oneOf, type Settings, textSetting } from "./settings.ts";
import { isRegex } from "./topic-route.ts";

/** Topics that match as a whole get a new name. */
export interface Rename {
  readonly regex: JavaPattern;
  readonly replacement: string;
}

export interface LogicalTableSettings {
  readonly topic: Rename;
  readonly key: {
    /** Null: keys stay as they are. */
    readonly field: string | null;
    /** Null: the field holds the old topic. */
    readonly rename: Rename | null;
  };
  readonly schemaName: (name: string) => string;
  /** Old topics whose new names are kept. */
  readonly cacheMax: number;
}

const KEY_FIELD = "__dbz__physicalTableIdentifier";

export const LOGICAL_TABLE_CONFIG = new ConfigDef()
  .define({
    name: "topic.regex",
    type: "STRING",
    default: null,
    importance: "LOW",
    documentation: "A Java regular expression; events whose topic matches it as a whole are routed.",
    orderInGroup: 1,
    width: "LONG",
    displayName: "Topic regex",
  })
  .define({
    name: "topic.replacement",
    type: "STRING",
    default: null,
    importance: "LOW",
    documentation: "The new topic; `$1` and `${name}` stand for groups of topic.regex.",
    orderInGroup: 2,
    width: "LONG",
    displayName: "Topic replacement",
  })
  .define({
    name: "key.enforce.uniqueness",
    type: "BOOLEAN",
    default: true,
    importance: "LOW",
    documentation: "Add a field to keys that tells tables apart. Not needed when their keys are never the same.",
    orderInGroup: 3,
    width: "SHORT",
    displayName: "Add source topic name into key",
  })
  .define({
    name: "key.field.regex",
    type: "STRING",
    default: null,
    importance: "LOW",
    documentation: "A Java regular expression on the old topic, for the value of the field added to keys.",
    orderInGroup: 4,
    width: "LONG",
    displayName: "Key field regex",
  })
  .define({
    name: "key.field.replacement",
    type: "STRING",
    default: null,
    importance: "LOW",
    documentation: "What becomes of an old topic that matches key.field.regex; others are the value themselves.",
    orderInGroup: 5,
    width: "LONG",
    displayName: "Key field replacement",
  })
  .define({
    name: "logical.table.cache.size",
    type: "INT",
    default: 16,
    importance: "LOW",
    documentation: "How many topics are remembered with their new names.",
    orderInGroup: 6,
    width: "LONG",
    displayName: "Logical table cache size",
  });

const isRequiredRegex: Check = (value) => isRequired(value) ?? isRegex(value);

const isRequired: Check = (value) => (value === null || value === "" ? "A value is required" : null);

const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["topic.regex", isRequiredRegex],
  ["topic.replacement", isRequired],
  ["key.enforce.uniqueness", isBoolean],
  ["key.field.regex", isRegex],
  ["schema.name.adjustment.mode", oneOf(ADJUSTMENT_MODES)],
];

/** @throws ConnectError when a value is wrong or missing. */
export function readLogicalTableSettings(settings: Settings): LogicalTableSettings {
  for (const [name, check] of CHECKS) {
    const value = textSetting(settings, name, null);
    const problem = check(value);
    // Debezium's exception says no more; its log does.
    if (problem !== null) throw invalid(name, value, problem);
  }
  const keyRegex = javaTrim(textSetting(settings, "key.field.regex", ""));
  const keyReplacement = textSetting(settings, "key.field.replacement", "");
  if (keyRegex !== "" && javaTrim(keyReplacement) === "") {
    throw invalid("key.field.replacement", null, "key.field.replacement must be non-empty if key.field.regex is set.");
  }
  const mode = literal(textSetting(settings, "schema.name.adjustment.mode", "none"), ADJUSTMENT_MODES)!;
  const unique = booleanSetting(settings, "key.enforce.uniqueness", true);
  return {
    topic: {
      regex: new JavaPattern(textSetting(settings, "topic.regex", "")),
      replacement: textSetting(settings, "topic.replacement", ""),
    },
    key: {
      field: unique ? textSetting(settings, "key.field.name", KEY_FIELD) : null,
      rename:
        keyRegex === ""
          ? null
          : { regex: new JavaPattern(textSetting(settings, "key.field.regex", "")), replacement: keyReplacement },
    },
    schemaName: schemaNameAdjuster(mode),
    cacheMax: Math.max(1, Number(textSetting(settings, "logical.table.cache.size", "16"))),
  };
}

function invalid(name: string, value: string | null, problem: string): ConnectError {
  return new ConnectError("Unable to validate config.", { cause: invalidValue(name, value, problem) });
}
