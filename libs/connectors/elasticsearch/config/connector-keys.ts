// Pure: keys about connections, batches and retries.
import { invalidValue, lambda, Range } from "@millrace/connect";
import { type KeyRow, row } from "./key-row.ts";
import { nodeAddress } from "./node-address.ts";

const DAY_MS = 86_400_000;
const HOURS_12_MS = DAY_MS / 2;
const MONTH_MS = 7 * DAY_MS;
const BYTES_MAX = 2 ** 31 - 1;

const urls = lambda((name, value) => {
  const list = (value as readonly string[] | null) ?? [];
  if (list.length === 0) throw invalidValue(name, value, "The provided url list is empty.");
  for (const url of list) {
    if (nodeAddress(url) === null) throw invalidValue(name, url, "The provided url is not a valid http or https url.");
  }
}, "List of valid URIs.");

export const connectorKeys: readonly KeyRow[] = [
  {
    name: "connection.url",
    type: "LIST",
    validator: urls,
    importance: "HIGH",
    displayName: "Connection URLs",
    width: "LONG",
    documentation:
      "HTTP addresses of nodes, as https://node1:9200,https://node2:9200. Requests go to those that answer.",
  },
  row("connection.username", "STRING", null, "Connection Username", "The user, with connection.password.", {
    importance: "MEDIUM",
  }),
  row("connection.password", "PASSWORD", null, "Connection Password", "The user's password.", { importance: "MEDIUM" }),
  row(
    "connection.api.key",
    "PASSWORD",
    null,
    "Connection API Key",
    "An API key instead of a user: encoded, as Elasticsearch gives it, or id:key.",
    { importance: "MEDIUM" },
  ),
  row("batch.size", "INT", 2000, "Batch Size", "The most records in one bulk request.", {
    importance: "MEDIUM",
    validator: Range.between(1, 1_000_000),
  }),
  row(
    "bulk.size.bytes",
    "LONG",
    5 * 1024 * 1024,
    "Bulk Size (bytes)",
    "The most bytes in one bulk request; a larger record goes alone. -1: no limit.",
    { importance: "MEDIUM", validator: Range.between(-1, BYTES_MAX) },
  ),
  row("max.in.flight.requests", "INT", 5, "Max In-flight Requests", "Bulk requests on their way at once.", {
    importance: "MEDIUM",
    validator: Range.between(1, 1000),
  }),
  row(
    "max.buffered.records",
    "INT",
    20_000,
    "Max Buffered Records",
    "Records a task holds that are not written yet; more wait.",
    { validator: Range.between(1, BYTES_MAX) },
  ),
  row("linger.ms", "LONG", 1, "Linger (ms)", "How long a batch that is not full waits for more records.", {
    validator: Range.between(0, MONTH_MS),
  }),
  row(
    "flush.timeout.ms",
    "LONG",
    180_000,
    "Flush Timeout (ms)",
    "How long records wait for room in the buffer, or a flush for its end, before the task fails.",
    { validator: Range.between(1, MONTH_MS) },
  ),
  row(
    "flush.synchronously",
    "BOOLEAN",
    false,
    "Flush Synchronously",
    "Before offsets are committed, wait until all records put so far are written.",
  ),
  row(
    "max.retries",
    "INT",
    5,
    "Max Retries",
    "How often a request is sent again that failed or was refused for too much load, before the task fails.",
    { validator: Range.between(0, BYTES_MAX) },
  ),
  row(
    "retry.backoff.ms",
    "LONG",
    100,
    "Retry Backoff (ms)",
    "The longest wait before the first retry; doubled for each further one. The wait itself is random.",
    { validator: Range.between(0, DAY_MS) },
  ),
  row(
    "connection.compression",
    "BOOLEAN",
    false,
    "Compression",
    "Send and receive bodies compressed by GZip (http.compression of the nodes, on by default).",
  ),
  row(
    "max.connection.idle.time.ms",
    "INT",
    60_000,
    "Max Connection Idle Time",
    "A connection that was not used for so long is closed.",
    { validator: Range.between(0, BYTES_MAX) },
  ),
  row("connection.timeout.ms", "INT", 1000, "Connection Timeout", "How long to wait for a connection.", {
    validator: Range.between(0, HOURS_12_MS),
  }),
  row("read.timeout.ms", "INT", 3000, "Read Timeout", "How long to wait for an answer.", {
    validator: Range.between(0, HOURS_12_MS),
  }),
  row(
    "auto.create.indices.at.start",
    "BOOLEAN",
    true,
    "Create indices at startup",
    "Has no effect: indices are made when their first record comes.",
    { internal: true },
  ),
  row("type.name", "STRING", "_doc", "Type Name", "Has no effect: document types are gone since Elasticsearch 7.", {
    internal: true,
  }),
];
