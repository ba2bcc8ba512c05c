// Pure: the settings every source has beyond those of every connector.
import {
  CaseInsensitiveValidString,
  type ConfigKeyDefinition,
  type ConfigValidator,
  lambda,
  NonEmptyString,
  Range,
} from "@millrace/connect";

const TOPIC_CREATION = "Topic Creation";
const EXACTLY_ONCE = "Exactly Once Support";
const OFFSETS = "offsets.topic";

export const sourceConnectorKeys: readonly ConfigKeyDefinition[] = [
  {
    name: "topic.creation.groups",
    type: "LIST",
    default: [],
    importance: "LOW",
    documentation: "Groups of configurations for topics that this connector creates.",
    group: TOPIC_CREATION,
    orderInGroup: 1,
    width: "LONG",
    displayName: "Topic Creation Groups",
  },
  {
    name: "exactly.once.support",
    type: "STRING",
    default: "requested",
    validator: CaseInsensitiveValidString.in("required", "requested"),
    importance: "MEDIUM",
    documentation: "required: refuse the connector unless exactly-once delivery is certain.",
    group: EXACTLY_ONCE,
    orderInGroup: 2,
    width: "SHORT",
    displayName: "Exactly once support",
  },
  {
    name: "transaction.boundary",
    type: "STRING",
    default: "poll",
    validator: CaseInsensitiveValidString.in("interval", "poll", "connector"),
    importance: "MEDIUM",
    documentation: "Where transactions end: after each polled batch, at an interval, or where the connector says.",
    group: EXACTLY_ONCE,
    orderInGroup: 3,
    width: "SHORT",
    displayName: "Transaction Boundary",
  },
  {
    name: "transaction.boundary.interval.ms",
    type: "LONG",
    default: null,
    validator: unlessNull(Range.atLeast(0)),
    importance: "LOW",
    documentation: "With interval boundaries: milliseconds between commits; offset.flush.interval.ms when absent.",
    group: EXACTLY_ONCE,
    orderInGroup: 4,
    width: "SHORT",
    displayName: "Transaction boundary interval",
  },
  {
    name: "offsets.storage.topic",
    type: "STRING",
    default: null,
    validator: unlessNull(NonEmptyString),
    importance: "LOW",
    documentation: "A separate offsets topic for this connector.",
    group: OFFSETS,
    orderInGroup: 1,
    width: "LONG",
    displayName: "Offsets topic",
  },
];

function unlessNull(validator: ConfigValidator): ConfigValidator {
  const check = (name: string, value: unknown) => value === null || validator.ensureValid(name, value);
  return lambda((name, value) => void check(name, value), String(validator));
}
