import type { Admin, KafkaClient } from "@millrace/kafka";

/** A topic of one partition, as a read_committed consumer sees it. */
export interface Topic {
  /** The values from the first to at least the `count`th. Throws when they do not come within 20 s. */
  values(count: number): Promise<string[]>;
  /** The values there are, to the topic's last offset. */
  allValues(): Promise<string[]>;
  /** Transaction markers and open transactions included. */
  end(): Promise<number>;
}

const recordsMax = 1_000;
const pollMs = 100;
const pollsMax = 200;

export function openTopic(deps: { client: KafkaClient; admin: Admin; bootstrapServers: string; topic: string }): Topic {
  const { client, admin, topic } = deps;
  const partition = { topic, partition: 0 };

  async function read(enough: (values: readonly string[], position: number) => boolean): Promise<string[]> {
    const consumer = await client.consumer({
      "bootstrap.servers": deps.bootstrapServers,
      "isolation.level": "read_committed",
      "fetch.max.wait.ms": "20",
    });
    try {
      await consumer.assign([{ ...partition, offset: 0 }]);
      const values: string[] = [];
      for (let polls = 0; !enough(values, consumer.position(partition) ?? 0); polls++) {
        if (polls === pollsMax) throw new Error(`${topic}: gave up with ${values.length} records read`);
        const records = await consumer.poll(recordsMax, pollMs);
        values.push(...records.map(({ value }) => new TextDecoder().decode(value ?? new Uint8Array())));
      }
      return values;
    } finally {
      await consumer.close();
    }
  }

  async function end(): Promise<number> {
    const [found] = await admin.endOffsets([partition], "read_uncommitted");
    if (found === undefined) throw new Error(`${topic}: Kafka does not tell its end`);
    return found.offset;
  }

  return {
    end,
    values: (count) => read(({ length }) => length >= count),
    async allValues() {
      const last = await end();
      return read((_, position) => position >= last);
    },
  };
}
