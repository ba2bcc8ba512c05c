import { ConnectHeaders, type SchemaAndValue, type SinkRecord } from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";
import { markOrigin, withOrigin } from "./consumed-origin.ts";
import { type Converters, isPromise, neverUnhandled } from "./encode.ts";
import type { Stage } from "./tolerance.ts";
import type { TransformChain } from "./transform-chain.ts";

export interface SinkDecoderDeps {
  readonly chain: TransformChain;
  readonly converters: Converters;
  /** Records remember what they were made of (`consumed-origin.ts`): for reports of the task itself. */
  readonly keepOrigin: boolean;
}

/**
 * A consumed record through converters (key, value, headers, as Connect does) and transforms. Stays synchronous unless a
 * converter answers with a promise. After a throw, `stage` and `executing` name what failed.
 */
export class SinkDecoder {
  stage: Stage = "KEY_CONVERTER";
  #chain: TransformChain;
  #converters: Converters;
  #keepOrigin: boolean;

  constructor({ chain, converters, keepOrigin }: SinkDecoderDeps) {
    this.#chain = chain;
    this.#converters = converters;
    this.#keepOrigin = keepOrigin;
  }

  /** Class of the failing plugin. */
  get executing(): string {
    const { classes } = this.#converters;
    if (this.stage === "KEY_CONVERTER") return classes.key;
    if (this.stage === "VALUE_CONVERTER") return classes.value;
    return this.stage === "HEADER_CONVERTER" ? classes.header : this.#chain.executing;
  }

  /** @returns null when a transform dropped the record. */
  decode(message: ConsumedRecord): SinkRecord | null | Promise<SinkRecord | null> {
    const { topic, headers } = message;
    this.stage = "KEY_CONVERTER";
    const key = this.#converters.key.toConnectData(topic, message.key, headers);
    if (isPromise(key)) return this.#decodeLater(message, key);
    this.stage = "VALUE_CONVERTER";
    const value = this.#converters.value.toConnectData(topic, message.value, headers);
    return isPromise(value) ? this.#decodeLater(message, key, value) : this.#decoded(message, key, value);
  }

  close(): void {
    this.#chain.close();
    this.#converters.key.close?.();
    this.#converters.value.close?.();
    this.#converters.header.close?.();
  }

  async #decodeLater(
    message: ConsumedRecord,
    key: SchemaAndValue | Promise<SchemaAndValue>,
    value?: Promise<SchemaAndValue>,
  ): Promise<SinkRecord | null> {
    if (value !== undefined) neverUnhandled(value);
    this.stage = "KEY_CONVERTER";
    const keyData = await key;
    this.stage = "VALUE_CONVERTER";
    const { topic, headers } = message;
    const valueData = await (value ?? this.#converters.value.toConnectData(topic, message.value, headers));
    return this.#decoded(message, keyData, valueData);
  }

  #decoded(message: ConsumedRecord, key: SchemaAndValue, value: SchemaAndValue): SinkRecord | null {
    const { topic, partition, offset } = message;
    this.stage = "HEADER_CONVERTER";
    const headers = this.#headers(message);
    const record: SinkRecord = {
      topic,
      partition,
      offset,
      key: key.value,
      keySchema: key.schema,
      value: value.value,
      valueSchema: value.schema,
      timestamp: message.timestampMs,
      timestampType: message.timestampType,
      headers,
      originalTopic: topic,
      originalPartition: partition,
      originalOffset: offset,
    };
    if (this.#keepOrigin) markOrigin(record, message);
    this.stage = "TRANSFORMATION";
    const transformed = this.#chain.apply(record);
    return transformed !== null && this.#keepOrigin ? withOrigin(transformed, message) : transformed;
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
