// Pure: which index or data stream a topic's records go to.
import type { ResourceSettings } from "../config/settings.ts";

const INDEX_NAME_MAX = 255;
const NAMESPACE_MAX = 100;

export function resourceName(topic: string, settings: ResourceSettings): string {
  const { streamType, streamDataset, streamNamespace, byTopic } = settings;
  const mapped = byTopic.get(topic);
  if (mapped !== undefined) return mapped;
  if (streamType === "none") return indexName(topic);
  const namespace = streamNamespace.replaceAll("${topic}", topic.toLowerCase()).slice(0, NAMESPACE_MAX);
  return `${streamType}-${streamDataset}-${namespace}`;
}

/** As Confluent's connector: lower case, at most 255 characters, not beginning with `-` or `_`, neither `.` nor `..`. */
function indexName(topic: string): string {
  let name = topic.toLowerCase().slice(0, INDEX_NAME_MAX);
  if (name.startsWith("-") || name.startsWith("_")) name = name.slice(1);
  return name === "." || name === ".." ? name.replaceAll(".", "dot") : name;
}
