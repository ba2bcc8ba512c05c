// Pure: the settings every sink has beyond those of every connector.
import { type ConfigKeyDefinition, ValidRegex } from "@millrace/connect";

const COMMON = "Common";
const ERRORS = "Error Handling";

export const sinkConnectorKeys: readonly ConfigKeyDefinition[] = [
  {
    name: "topics",
    type: "LIST",
    default: [],
    importance: "HIGH",
    documentation: "List of topics to consume, separated by commas.",
    group: COMMON,
    orderInGroup: 4,
    width: "LONG",
    displayName: "Topics",
  },
  {
    name: "topics.regex",
    type: "STRING",
    default: "",
    validator: ValidRegex,
    importance: "HIGH",
    documentation: "Regular expression giving topics to consume.",
    group: COMMON,
    orderInGroup: 4,
    width: "LONG",
    displayName: "Topics regex",
  },
  {
    name: "errors.deadletterqueue.topic.name",
    type: "STRING",
    default: "",
    importance: "MEDIUM",
    documentation: "Topic for messages that fail on their way to the sink. Empty: none.",
    group: ERRORS,
    orderInGroup: 6,
    width: "MEDIUM",
    displayName: "Dead Letter Queue Topic Name",
  },
  {
    name: "errors.deadletterqueue.topic.replication.factor",
    type: "SHORT",
    default: 3,
    importance: "MEDIUM",
    documentation: "Replication factor of the dead letter queue topic, should it have to be created.",
    group: ERRORS,
    orderInGroup: 7,
    width: "MEDIUM",
    displayName: "Dead Letter Queue Topic Replication Factor",
  },
  {
    name: "errors.deadletterqueue.context.headers.enable",
    type: "BOOLEAN",
    default: false,
    importance: "MEDIUM",
    documentation: "Add headers that tell what went wrong where. Their names begin with __connect.errors.",
    group: ERRORS,
    orderInGroup: 8,
    width: "MEDIUM",
    displayName: "Enable Error Context Headers",
  },
];
