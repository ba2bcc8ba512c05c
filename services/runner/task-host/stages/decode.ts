import { ConnectHeaders, type SchemaAndValue, type SinkRecord } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";
import type { Converters } from "./encode.ts";
import type { Stage } from "./tolerance.ts";
import type { TransformChain } from "./transform-chain.ts";

/** A consumed record through converters (key, value, headers, as Connect does) and transforms. */
export class SinkDecoder {
  stage: Stage = "KEY_CONVERTER";
  #chain: TransformChain;
  #converters: Converters;

  constructor(chain: TransformChain, converters: Converters) {
    this.#chain = chain;
    this.#converters = converters;
  }

  /** @returns null when a transform dropped the record. */
  async decode(message: ConsumedRecord): Promise<SinkRecord | null> {
    const { topic, partition, offset } = message;
    this.stage = "KEY_CONVERTER";
    const key = await this.#converters.key.toConnectData(topic, message.key, message.headers);
    this.stage = "VALUE_CONVERTER";
    const value = await this.#converters.value.toConnectData(topic, message.value, message.headers);
    this.stage = "HEADER_CONVERTER";
    const headers = this.#headers(message);
    this.stage = "TRANSFORMATION";
    return this.#chain.apply<SinkRecord>({
      topic,
      partition,
      offset,
      ...named("key", key),
      ...named("value", value),
      timestamp: message.timestampMs,
      timestampType: message.timestampType,
      headers,
      originalTopic: topic,
      originalPartition: partition,
      originalOffset: offset,
    });
  }

  close(): void {
    this.#chain.close();
    this.#converters.key.close?.();
    this.#converters.value.close?.();
    this.#converters.header.close?.();
  }

  #headers(message: ConsumedRecord): ConnectHeaders {
    const headers = new ConnectHeaders();
    for (const { key, value } of message.headers) {
      const data = this.#converters.header.toConnectHeader(message.topic, key, value);
      headers.add(key, data.value, data.schema);
    }
    return headers;
  }
}

function named<N extends "key" | "value">(
  name: N,
  data: SchemaAndValue,
): { [K in N]: unknown } & { [K in `${N}Schema`]: SchemaAndValue["schema"] } {
  return { [name]: data.value, [`${name}Schema`]: data.schema } as never;
}
