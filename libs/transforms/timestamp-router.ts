import { ConfigDef, type ConnectRecord, DataError, NullPointerError, type Transformation } from "@millrace/connect";
import { SimpleDateFormat } from "@millrace/java-text";
import { recordText } from "./record-text.ts";
import { transformation } from "./stock.ts";

const TOPIC = "${topic}";
const TIMESTAMP = "${timestamp}";

const CONFIG = new ConfigDef()
  .define({
    name: "topic.format",
    type: "STRING",
    default: `${TOPIC}-${TIMESTAMP}`,
    importance: "HIGH",
    documentation: "The new topic, in which `${topic}` stands for the old one and `${timestamp}` for the timestamp.",
  })
  .define({
    name: "timestamp.format",
    type: "STRING",
    default: "yyyyMMdd",
    importance: "HIGH",
    documentation: "A pattern of Java's SimpleDateFormat for the timestamp, in UTC.",
  });

export const timestampRouter = transformation({
  name: "TimestampRouter",
  overview: "Names the topic after the old one and the record's timestamp.",
  config: CONFIG,
  create: () => new TimestampRouter(),
});

class TimestampRouter implements Transformation {
  #topicFormat: string | null = "";
  #timestampFormat: string | null = "";
  #writer: SimpleDateFormat | null = null;
  /** The new topic around the timestamp, for the old topic that was seen last. */
  #lastTopic: string | null = null;
  #lastPieces: readonly string[] = [];

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#topicFormat = config["topic.format"] as string | null;
    this.#timestampFormat = config["timestamp.format"] as string | null;
    this.#writer = null;
    this.#lastTopic = null;
  }

  apply<R extends ConnectRecord>(record: R): R {
    const { topic, timestamp = null } = record;
    if (timestamp === null) throw new DataError(`Timestamp missing on record: ${recordText(record)}`);
    this.#writer ??= openWriter(this.#timestampFormat);
    const text = this.#writer.format(timestamp);
    if (topic !== this.#lastTopic || topic === null) {
      this.#lastPieces = this.#piecesFor(topic);
      this.#lastTopic = topic;
    }
    return { ...record, topic: this.#lastPieces.join(text) };
  }

  /** A topic may itself hold, or make, a place for the timestamp. */
  #piecesFor(topic: string | null): readonly string[] {
    if (topic === null) throw new NullPointerError("The record has no topic to put into topic.format.");
    if (this.#topicFormat === null) throw new NullPointerError("topic.format is null. Set it, or leave it out.");
    return this.#topicFormat.replaceAll(TOPIC, () => topic).split(TIMESTAMP);
  }
}

/** As in Connect, a bad pattern is found at the first record. */
function openWriter(pattern: string | null): SimpleDateFormat {
  if (pattern === null) throw new NullPointerError("timestamp.format is null. Set it, or leave it out.");
  return new SimpleDateFormat(pattern, { nowMs: 0 });
}
