// Pure: the settings of EventRouter, and what they mean.
import { ConfigDef, type ConfigImportance, type ConfigType, invalidValue, NullPointerError } from "@millrace/connect";
import { type AdditionalField, additionalFieldsProblem, parseAdditionalFields } from "./additional-fields.ts";
import { ADJUSTMENT_MODES, fieldNameAdjuster } from "./field-name-adjuster.ts";
import type { InferOptions } from "./json-schema.ts";
import { booleanSetting, type Check, isBoolean, literal, oneOf, type Settings, textSetting } from "./settings.ts";
import { isRegex, TopicRoute } from "./topic-route.ts";

const INVALID_OPERATION = ["warn", "error", "fatal"] as const;
const MISSING_FIELD = ["error", "ignore"] as const;
const JSON_NULL = ["ignore", "optional_bytes"] as const;

/** Settings that name columns of the outbox table hold their names. */
export interface RouterSettings {
  readonly id: string;
  readonly key: string;
  readonly payload: string;
  /** Null: events have the time of the change. */
  readonly timestamp: string | null;
  readonly schemaVersion: string | null;
  readonly additional: readonly AdditionalField[];
  /** Columns that a table does not have are passed over. */
  readonly ignoreMissing: boolean;
  readonly routeByField: string;
  readonly route: TopicRoute;
  readonly tombstoneOnEmptyPayload: boolean;
  /** An update, which an outbox table should not see, stops the task. */
  readonly failOnUpdate: boolean;
  /** Null: payloads of JSON text stay text. */
  readonly expandJson: InferOptions | null;
}

const DEFAULTS = {
  "table.field.event.id": "id",
  "table.field.event.key": "aggregateid",
  "table.field.event.type": "type",
  "table.field.event.payload": "payload",
  "route.by.field": "aggregatetype",
  "route.topic.regex": "(?<routedByValue>.*)",
  "route.topic.replacement": "outbox.event.${routedByValue}",
  "table.op.invalid.behavior": "warn",
  "table.field.additional.missing": "error",
  "table.json.payload.null.behavior": "ignore",
} as const;

type Row = readonly [
  name: string,
  type: ConfigType,
  defaultValue: unknown,
  importance: ConfigImportance,
  documentation: string,
];

const TABLE: readonly Row[] = [
  ["table.field.event.id", "STRING", DEFAULTS["table.field.event.id"], "LOW", "The column of the event's id."],
  ["table.field.event.key", "STRING", DEFAULTS["table.field.event.key"], "LOW", "The column of the event's key."],
  ["table.field.event.type", "STRING", DEFAULTS["table.field.event.type"], "LOW", "The column of the event's type."],
  ["table.field.event.payload", "STRING", DEFAULTS["table.field.event.payload"], "LOW", "The column of the payload."],
  [
    "table.field.event.timestamp",
    "STRING",
    null,
    "MEDIUM",
    "The column of the record's timestamp; without it, the time Debezium processed the change.",
  ],
  [
    "table.fields.additional.placement",
    "LIST",
    null,
    "HIGH",
    "More columns and where they go: column:header, column:envelope or column:partition, with a name as third part if it " +
      "should be another.",
  ],
  [
    "table.field.additional.missing",
    "STRING",
    DEFAULTS["table.field.additional.missing"],
    "MEDIUM",
    "When one of those columns is not there: error fails, ignore goes on without it.",
  ],
  ["table.field.event.schema.version", "STRING", null, "LOW", "The column of the event's schema version."],
  [
    "table.op.invalid.behavior",
    "STRING",
    DEFAULTS["table.op.invalid.behavior"],
    "MEDIUM",
    "When a row of the outbox table is updated: warn and error drop the change, fatal fails.",
  ],
  [
    "table.expand.json.payload",
    "BOOLEAN",
    false,
    "MEDIUM",
    "Make structured data, with a schema told from the payload itself, of a payload that is JSON text.",
  ],
  [
    "table.json.payload.null.behavior",
    "STRING",
    DEFAULTS["table.json.payload.null.behavior"],
    "MEDIUM",
    "Null in such a payload: ignore leaves its field out, optional_bytes keeps it.",
  ],
];

const ROUTER: readonly Row[] = [
  ["route.by.field", "STRING", DEFAULTS["route.by.field"], "HIGH", "The column that tells the topic."],
  ["route.topic.regex", "STRING", DEFAULTS["route.topic.regex"], "LOW", "What to recognise in that column's value."],
  [
    "route.topic.replacement",
    "STRING",
    DEFAULTS["route.topic.replacement"],
    "HIGH",
    "The topic; ${routedByValue} stands for what the group of that name matched.",
  ],
  [
    "route.tombstone.on.empty.payload",
    "BOOLEAN",
    false,
    "HIGH",
    "An empty payload gives a tombstone, a record without value.",
  ],
];

/** Debezium traces where OpenTelemetry is on its class path. */
const TRACING: readonly Row[] = [
  ["tracing.span.context.field", "STRING", "tracingspancontext", "HIGH", "Accepted; nothing is traced."],
  ["tracing.operation.name", "STRING", "debezium-read", "HIGH", "Accepted; nothing is traced."],
  ["tracing.with.context.field.only", "BOOLEAN", false, "HIGH", "Accepted; nothing is traced."],
];

export const ROUTER_CONFIG = new ConfigDef();
for (const [group, rows] of Object.entries({ Table: TABLE, Router: ROUTER, Tracing: TRACING })) {
  for (const [i, [name, type, defaultValue, importance, documentation]] of rows.entries()) {
    ROUTER_CONFIG.define({
      name,
      type,
      default: defaultValue,
      importance,
      documentation,
      group,
      orderInGroup: i + 1,
      width: "MEDIUM",
    });
  }
}

/** In Debezium's order, the first problem being the one that is told. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["table.json.payload.null.behavior", oneOf(JSON_NULL)],
  ["route.topic.regex", isRegex],
  ["table.fields.additional.placement", additionalFieldsProblem],
  ["route.tombstone.on.empty.payload", isBoolean],
  ["table.expand.json.payload", isBoolean],
  ["table.field.additional.missing", oneOf(MISSING_FIELD, ["ignore", "error"])],
  ["table.op.invalid.behavior", oneOf(INVALID_OPERATION)],
];

/** @throws ConfigError when a value is wrong. */
export function readRouterSettings(settings: Settings): RouterSettings {
  for (const [name, check] of CHECKS) {
    const value = textSetting(settings, name, null);
    const problem = check(value);
    if (problem !== null) throw invalidValue(name, value, `The '${name}' value is invalid: ${problem}`);
  }
  const text = (name: keyof typeof DEFAULTS): string => textSetting(settings, name, DEFAULTS[name]);
  const expand = booleanSetting(settings, "table.expand.json.payload", false);
  return {
    expandJson: expand ? jsonOptions(settings, text("table.json.payload.null.behavior")) : null,
    route: new TopicRoute(text("route.topic.regex"), text("route.topic.replacement")),
    id: text("table.field.event.id"),
    key: text("table.field.event.key"),
    payload: text("table.field.event.payload"),
    timestamp: textSetting(settings, "table.field.event.timestamp", null),
    schemaVersion: textSetting(settings, "table.field.event.schema.version", null),
    additional: parseAdditionalFields(textSetting(settings, "table.fields.additional.placement", null)),
    ignoreMissing: literal(text("table.field.additional.missing"), MISSING_FIELD) === "ignore",
    routeByField: text("route.by.field"),
    tombstoneOnEmptyPayload: booleanSetting(settings, "route.tombstone.on.empty.payload", false),
    failOnUpdate: literal(text("table.op.invalid.behavior"), INVALID_OPERATION) === "fatal",
  };
}

/** The mode of field names is the connector's setting; Debezium reads it here too, without declaring it. */
function jsonOptions(settings: Settings, nulls: string): InferOptions {
  const text = textSetting(settings, "field.name.adjustment.mode", "none");
  const mode = literal(text, ADJUSTMENT_MODES);
  if (mode === null) {
    throw new NullPointerError(`field.name.adjustment.mode is "${text}". Set it to ${ADJUSTMENT_MODES.join(", ")}.`);
  }
  return { nulls: literal(nulls, JSON_NULL)!, fieldName: fieldNameAdjuster(mode) };
}
