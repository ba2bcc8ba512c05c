import type { Admin, Consumer, KafkaClient } from "@millrace/kafka";

const BATCH = 2000;
const POLL_MS = 100;
const NO_TOPIC_MS = 250;

/** Reads topics of one partition as a read_committed consumer sees them, and keeps the `id` of every record. */
export class TopicWatch {
  readonly ids = new Map<string, number[]>();
  #kafka: KafkaClient;
  #config: Readonly<Record<string, string>>;
  #admin: Admin | null = null;
  #consumer: Consumer | null = null;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(kafka: KafkaClient, options: { readonly bootstrapServers: string; readonly topics: readonly string[] }) {
    this.#kafka = kafka;
    this.#config = { "bootstrap.servers": options.bootstrapServers };
    for (const topic of options.topics) this.ids.set(topic, []);
  }

  async start(): Promise<void> {
    this.#admin = await this.#kafka.admin(this.#config);
    this.#consumer = await this.#kafka.consumer({ ...this.#config, "isolation.level": "read_committed" });
    this.#running = this.#run(this.#admin, this.#consumer);
  }

  /** Resolves when everything committed by now has been read. */
  async untilRead(): Promise<void> {
    const partitions = [...this.ids.keys()].map((topic) => ({ topic, partition: 0 }));
    const ends = await this.#admin!.endOffsets(partitions, "read_committed");
    const behind = () => ends.some((end) => (this.#consumer!.position(end) ?? 0) < end.offset);
    while (behind() && !this.#stopped) await pause(POLL_MS);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await Promise.all([this.#consumer?.close(), this.#admin?.close()]);
  }

  async #run(admin: Admin, consumer: Consumer): Promise<void> {
    const decoder = new TextDecoder();
    const topics = [...this.ids.keys()];
    while (!this.#stopped && (await admin.describeTopics(topics)).size < topics.length) await pause(NO_TOPIC_MS);
    if (this.#stopped) return;
    await consumer.assign(topics.map((topic) => ({ topic, partition: 0, offset: 0 })));
    while (!this.#stopped) {
      for (const { topic, value } of await consumer.poll(BATCH, POLL_MS)) {
        this.ids.get(topic)?.push(Number(JSON.parse(decoder.decode(value!)).id));
      }
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
