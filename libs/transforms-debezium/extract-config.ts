// Pure: the settings of ExtractNewRecordState.
import { ConfigDef, ConnectError, invalidValue, lambda } from "@millrace/connect";
import { type FieldReference, parseReferences } from "./field-reference.ts";
import { booleanSetting, type Check, isBoolean, literal, oneOf, type Settings, textSetting } from "./settings.ts";

const MODES = ["drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone"] as const;
type DeleteMode = (typeof MODES)[number];

export interface ExtractSettings {
  readonly mode: DeleteMode;
  readonly replaceNullWithDefault: boolean;
  readonly addedFields: readonly FieldReference[];
  readonly addedHeaders: readonly FieldReference[];
  /** Null: topics stay. */
  readonly routeByField: string | null;
  readonly drop: DropSettings;
}

export interface DropSettings {
  /** Of the header that lists fields to drop; null or blank for none. */
  readonly headerName: string | null;
  readonly fromKey: boolean;
  /** Only optional fields are dropped. */
  readonly keepSchemaCompatible: boolean;
}

const isMode = oneOf(MODES, ["drop", "tombstone", "rewrite-with-tombstone", "rewrite", "delete-to-tombstone"]);

export const EXTRACT_CONFIG = new ConfigDef()
  .define({
    name: "delete.tombstone.handling.mode",
    type: "STRING",
    default: "tombstone",
    validator: lambda((name, value) => {
      const problem = isMode(value as string | null);
      if (problem !== null) throw invalidValue(name, value, problem);
    }, MODES.join(", ")),
    importance: "MEDIUM",
    documentation:
      "What becomes of deletes and tombstones. drop: neither is passed on. tombstone: a delete gives a record without value, " +
      "the tombstone after it is dropped. rewrite: a delete gives the old row with __deleted=true, the tombstone is dropped. " +
      "rewrite-with-tombstone: the same, and the tombstone is kept. delete-to-tombstone: a delete becomes a tombstone, the " +
      "tombstone after it is dropped.",
    orderInGroup: 1,
    width: "MEDIUM",
    displayName: "Handle delete and tombstone records",
  })
  .define({
    name: "route.by.field",
    type: "STRING",
    default: "",
    importance: "LOW",
    documentation: "The column whose value becomes the topic.",
    orderInGroup: 1,
    width: "LONG",
    displayName: "Route by field name",
  })
  .define({
    name: "add.fields.prefix",
    type: "STRING",
    default: "__",
    importance: "LOW",
    documentation: "Put before the name of each added field.",
    orderInGroup: 1,
    width: "SHORT",
    displayName: "Field prefix to be added to each field.",
  })
  .define({
    name: "add.fields",
    type: "LIST",
    default: "",
    importance: "LOW",
    documentation:
      "Metadata to add to the value, e.g. op,source.ts_ms,lsn:POSITION. A name behind a colon is used instead of the " +
      "field's own.",
    orderInGroup: 1,
    width: "LONG",
    displayName: "Adds the specified field(s) to the message if they exist.",
  })
  .define({
    name: "add.headers.prefix",
    type: "STRING",
    default: "__",
    importance: "LOW",
    documentation: "Put before the name of each added header.",
    orderInGroup: 1,
    width: "SHORT",
    displayName: "Header prefix to be added to each header.",
  })
  .define({
    name: "add.headers",
    type: "LIST",
    default: "",
    importance: "LOW",
    documentation: "Metadata to add as headers, written as in add.fields.",
    orderInGroup: 1,
    width: "LONG",
    displayName: "Adds the specified fields to the header if they exist.",
  })
  .define({
    name: "drop.fields.header.name",
    type: "STRING",
    default: null,
    importance: "LOW",
    documentation: "Name of a header that lists the fields to remove from the value.",
    orderInGroup: 1,
    width: "SHORT",
    displayName: "Specifies a header that contains a list of field names to be removed",
  })
  .define({
    name: "drop.fields.from.key",
    type: "BOOLEAN",
    default: false,
    importance: "LOW",
    documentation: "Remove the listed fields from the key, too.",
    orderInGroup: 1,
    width: "SHORT",
    displayName: "Specifies whether the fields to be dropped should also be omitted from the key",
  })
  .define({
    name: "drop.fields.keep.schema.compatible",
    type: "BOOLEAN",
    default: true,
    importance: "LOW",
    documentation: "Remove only listed fields that are optional; false removes all that are listed.",
    orderInGroup: 1,
    width: "SHORT",
    displayName: "Specifies if fields are dropped, will the event's schemas be compatible",
  });

const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["delete.tombstone.handling.mode", isMode],
  ["drop.fields.from.key", isBoolean],
  ["drop.fields.keep.schema.compatible", isBoolean],
];

/** @throws ConnectError or IllegalArgumentError when a value is wrong. */
export function readExtractSettings(settings: Settings): ExtractSettings {
  for (const [name, check] of CHECKS) {
    const value = textSetting(settings, name, null);
    const problem = check(value);
    // Debezium's exception says no more; its log does.
    if (problem !== null)
      throw new ConnectError("Unable to validate config.", { cause: invalidValue(name, value, problem) });
  }
  const references = (name: string): readonly FieldReference[] =>
    parseReferences(textSetting(settings, `${name}.prefix`, "__"), textSetting(settings, name, ""));
  return {
    addedFields: references("add.fields"),
    addedHeaders: references("add.headers"),
    routeByField: textSetting(settings, "route.by.field", "") || null,
    mode: literal(textSetting(settings, "delete.tombstone.handling.mode", "tombstone"), MODES)!,
    // Debezium reads this one without declaring it.
    replaceNullWithDefault: booleanSetting(settings, "replace.null.with.default", true),
    drop: {
      headerName: textSetting(settings, "drop.fields.header.name", null),
      fromKey: booleanSetting(settings, "drop.fields.from.key", false),
      keepSchemaCompatible: booleanSetting(settings, "drop.fields.keep.schema.compatible", true),
    },
  };
}
