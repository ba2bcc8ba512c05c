// Pure: checks of a connector's settings against each other and against the worker's.
import type { ConfigProblem, SinkPlugin, SourcePlugin } from "@millrace/connect";

type Properties = Readonly<Record<string, string>>;

export function crossFieldProblems(
  plugin: SourcePlugin | SinkPlugin,
  config: Properties,
  worker: { readonly groupId: string; readonly exactlyOnceSourceSupport: string },
): ConfigProblem[] {
  return plugin.type === "source" ? sourceProblems(plugin, config, worker) : sinkProblems(config, worker);
}

function sourceProblems(
  plugin: SourcePlugin,
  config: Properties,
  worker: { readonly exactlyOnceSourceSupport: string },
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (config["exactly.once.support"]?.toLowerCase() === "required") {
    const message = exactlyOnceProblem(plugin, config, worker);
    if (message !== null) problems.push({ name: "exactly.once.support", message });
  }
  if (config["transaction.boundary"]?.toLowerCase() === "connector") {
    const message = boundaryProblem(plugin, config);
    if (message !== null) problems.push({ name: "transaction.boundary", message });
  }
  return problems;
}

function exactlyOnceProblem(
  plugin: SourcePlugin,
  config: Properties,
  worker: { readonly exactlyOnceSourceSupport: string },
): string | null {
  if (worker.exactlyOnceSourceSupport !== "enabled") {
    return "This worker does not have exactly-once source support enabled.";
  }
  try {
    switch (plugin.exactlyOnceSupport?.(config) ?? null) {
      case "SUPPORTED":
        return null;
      case "UNSUPPORTED":
        return "The connector does not support exactly-once semantics with the provided configuration.";
      case null:
        return 'The connector does not implement the API required for preflight validation of exactly-once source support. Please consult the documentation for the connector to determine whether it supports exactly-once semantics, and then consider reconfiguring the connector to use the value "requested" for this property (which will disable this preflight check and allow the connector to be created).';
    }
  } catch (error) {
    return unexpected(error);
  }
}

function boundaryProblem(plugin: SourcePlugin, config: Properties): string | null {
  try {
    const support = plugin.canDefineTransactionBoundaries?.(config) ?? "UNSUPPORTED";
    return support === "SUPPORTED"
      ? null
      : "The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition.";
  } catch (error) {
    return unexpected(error);
  }
}

function unexpected(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === ""
    ? "An unexpected error occurred during validation; please see the worker logs for more details."
    : `An unexpected error occurred during validation: ${message}`;
}

function sinkProblems(config: Properties, worker: { readonly groupId: string }): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const topics = (config.topics ?? "")
    .split(",")
    .map((topic) => topic.trim())
    .filter((topic) => topic !== "");
  const regex = config["topics.regex"] ?? "";
  const both = (message: string) => {
    problems.push({ name: "topics", message }, { name: "topics.regex", message });
  };
  if (topics.length > 0 && regex.trim() !== "") {
    both("topics and topics.regex are mutually exclusive options, but both are set.");
  } else if (topics.length === 0 && regex.trim() === "") {
    both("Must configure one of topics or topics.regex");
  }
  problems.push(
    ...deadLetterProblems((config["errors.deadletterqueue.topic.name"] ?? "").trim(), topics, regex.trim()),
  );
  const group = config["consumer.override.group.id"];
  if (group === worker.groupId) {
    problems.push({
      name: "consumer.override.group.id",
      message: `Consumer group ${group} conflicts with Connect worker group ${worker.groupId}`,
    });
  } else if (group === undefined && `connect-${config.name}` === worker.groupId) {
    problems.push({
      name: "name",
      message: `Consumer group for sink connector named ${config.name} conflicts with Connect worker group ${worker.groupId}`,
    });
  }
  return problems;
}

/** A sink that read its own dead letters would never end. */
function deadLetterProblems(topic: string, topics: readonly string[], regex: string): ConfigProblem[] {
  if (topic === "") return [];
  const problems: ConfigProblem[] = [];
  if (topics.includes(topic)) {
    const message = `The DLQ topic '${topic}' may not be included in the list of topics ('topics=[${topics.join(", ")}]') consumed by the connector`;
    problems.push({ name: "topics", message });
  }
  if (regex !== "" && matchesWhole(regex, topic)) {
    const message = `The DLQ topic '${topic}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`;
    problems.push({ name: "topics.regex", message });
  }
  return problems;
}

/** What is no regular expression here is reported where it is parsed. */
function matchesWhole(regex: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${regex})$`).test(text);
  } catch {
    return false;
  }
}
