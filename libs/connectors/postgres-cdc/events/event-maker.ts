import { ConnectHeaders, type OffsetMap, type SourceRecord, Struct } from "@millrace/connect";
import { PackedTableRow, type RowContent } from "../tables/row-format.ts";
import type { TableShape } from "../tables/table-shape.ts";
import { HEARTBEAT_KEY, HEARTBEAT_VALUE, MESSAGE_BLOCK, MESSAGE_KEY, MESSAGE_VALUE } from "./source-schema.ts";

export interface EventMakerDeps {
  readonly prefix: string;
  readonly messageTopic: string;
  readonly heartbeatTopic: string;
  readonly tombstones: boolean;
  /** Null: no headers about where a record comes from. */
  readonly context: readonly (readonly [name: string, value: string])[] | null;
  nowMs(): number;
}

/** What a change is, beside its rows. */
export interface EventFrame {
  readonly shape: TableShape;
  readonly source: Struct;
  readonly transaction: Struct | null;
  readonly offset: OffsetMap;
}

/** Makes records of changes: keys, envelopes, tombstones. Rows are values by the shape's value schema. */
export class EventMaker {
  readonly #deps: EventMakerDeps;
  readonly #partition: OffsetMap;
  readonly #headers: ConnectHeaders | null;
  #nowMs = 0;
  #nowNs = 0n;

  constructor(deps: EventMakerDeps) {
    this.#deps = deps;
    this.#partition = { server: deps.prefix };
    this.#headers = deps.context === null ? null : contextHeaders(new ConnectHeaders(), deps.context);
  }

  row(op: "r" | "c" | "u", frame: EventFrame, before: unknown[] | null, after: RowContent): SourceRecord {
    return this.#event(op, frame, this.key(frame.shape, after), before, after, this.#headers);
  }

  truncated(frame: EventFrame): SourceRecord {
    return this.#event("t", frame, null, null, null, this.#headers);
  }

  /** The event and its tombstone. */
  deleted(frame: EventFrame, before: unknown[], into: SourceRecord[]): void {
    this.#deleted(frame, before, this.#headers, into);
  }

  /** An update of the key: the old row goes, the new one comes. `second` is the frame of the latter. */
  moved(frame: EventFrame, second: () => EventFrame, before: unknown[], after: unknown[], into: SourceRecord[]): void {
    const { shape } = frame;
    const newKey = this.key(shape, after)!;
    const oldKey = this.key(shape, before)!;
    this.#deleted(frame, before, this.#withKey("__debezium.newkey", newKey), into);
    const headers = this.#withKey("__debezium.oldkey", oldKey);
    into.push(this.#event("c", second(), newKey, null, after, headers));
  }

  /** Null for a table without a key. */
  key(shape: TableShape, row: RowContent): Struct | null {
    const { keySchema, keyIndexes } = shape;
    if (keySchema === null) return null;
    if (row instanceof PackedTableRow) return new Struct(keySchema, row.key);
    const values = new Array<unknown>(keyIndexes.length);
    for (let i = 0; i < values.length; i++) values[i] = row[keyIndexes[i]!];
    return Struct.of(keySchema, values);
  }

  message(prefix: string, content: Uint8Array, parts: Omit<EventFrame, "shape">): SourceRecord {
    const block = Struct.of(MESSAGE_BLOCK, [prefix, content]);
    return {
      sourcePartition: this.#partition,
      sourceOffset: parts.offset,
      topic: this.#deps.messageTopic,
      keySchema: MESSAGE_KEY,
      key: Struct.of(MESSAGE_KEY, [prefix]),
      valueSchema: MESSAGE_VALUE,
      value: Struct.of(MESSAGE_VALUE, ["m", this.#deps.nowMs(), parts.source, parts.transaction, block]),
    };
  }

  /** Says how far the stream is, and nothing else. */
  offsetOnly(offset: OffsetMap): SourceRecord {
    const { heartbeatTopic: topic } = this.#deps;
    return { sourcePartition: this.#partition, sourceOffset: offset, topic, value: null, offsetOnly: true };
  }

  heartbeat(offset: OffsetMap): SourceRecord {
    return {
      sourcePartition: this.#partition,
      sourceOffset: offset,
      topic: this.#deps.heartbeatTopic,
      partition: 0,
      keySchema: HEARTBEAT_KEY,
      key: Struct.of(HEARTBEAT_KEY, [this.#deps.prefix]),
      valueSchema: HEARTBEAT_VALUE,
      value: Struct.of(HEARTBEAT_VALUE, [this.#deps.nowMs()]),
    };
  }

  /** Any other record of this source; without an offset it says nothing of how far that is. */
  other(topic: string, key: Struct, value: Struct, offset: OffsetMap | null): SourceRecord {
    return {
      sourcePartition: this.#partition,
      sourceOffset: offset,
      topic,
      keySchema: key.schema,
      key,
      valueSchema: value.schema,
      value,
    };
  }

  #deleted(frame: EventFrame, before: unknown[], headers: ConnectHeaders | null, into: SourceRecord[]): void {
    const key = this.key(frame.shape, before);
    const event = this.#event("d", frame, key, before, null, headers);
    into.push(event);
    if (this.#deps.tombstones) into.push({ ...event, valueSchema: null, value: null });
  }

  #event(
    op: string,
    { shape, source, transaction, offset }: EventFrame,
    key: Struct | null,
    before: unknown[] | null,
    after: RowContent | null,
    headers: ConnectHeaders | null,
  ): SourceRecord {
    const { valueSchema, envelopeSchema } = shape;
    const nowMs = this.#deps.nowMs();
    if (nowMs !== this.#nowMs) {
      this.#nowMs = nowMs;
      this.#nowNs = BigInt(nowMs) * 1_000_000n;
    }
    return {
      sourcePartition: this.#partition,
      sourceOffset: offset,
      topic: shape.topic,
      keySchema: key === null ? null : key.schema,
      key,
      valueSchema: envelopeSchema,
      value: Struct.of(envelopeSchema, [
        before === null ? null : Struct.of(valueSchema, before),
        after === null ? null : new Struct(valueSchema, after),
        source,
        transaction,
        op,
        nowMs,
        nowMs * 1000,
        this.#nowNs,
      ]),
      headers,
    };
  }

  #withKey(name: string, key: Struct): ConnectHeaders {
    const headers = new ConnectHeaders().add(name, key, key.schema);
    return this.#deps.context === null ? headers : contextHeaders(headers, this.#deps.context);
  }
}

function contextHeaders(headers: ConnectHeaders, context: NonNullable<EventMakerDeps["context"]>): ConnectHeaders {
  for (const [name, value] of context) headers.addString(`__debezium.context.${name}`, value);
  return headers;
}
