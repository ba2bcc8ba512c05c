// Pure: what EventRouter makes of a record: the event that an insert into an outbox table tells of.

import {
  ConnectError,
  ConnectHeaders,
  type ConnectRecord,
  IllegalStateError,
  NullPointerError,
  type Schema,
  type Struct,
  valueText,
} from "@millrace/connect";
import { requireStruct } from "@millrace/transforms";
import type { AdditionalField } from "./additional-fields.ts";
import { isEnvelope, rowState } from "./envelope.ts";
import { EventEnvelopes } from "./event-envelopes.ts";
import { eventTimestamp } from "./event-timestamp.ts";
import { isBlank } from "./is-blank.ts";
import { JsonExpander } from "./json-expander.ts";
import type { RouterSettings } from "./router-config.ts";
import { requireField, stringField, typedField } from "./struct-access.ts";

interface Payload {
  readonly schema: Schema | null;
  readonly value: unknown;
}

export class OutboxRouter {
  readonly #settings: RouterSettings;
  readonly #expander: JsonExpander | null;
  /** Null: the payload alone is the value. */
  readonly #envelopes: EventEnvelopes | null;

  constructor(settings: RouterSettings) {
    this.#settings = settings;
    this.#expander = settings.expandJson === null ? null : new JsonExpander(settings.payload, settings.expandJson);
    const enveloped = settings.additional.some(({ placement }) => placement === "envelope");
    this.#envelopes = enveloped ? new EventEnvelopes(settings) : null;
  }

  apply<R extends ConnectRecord>(record: R): R | null {
    if ((record.value ?? null) === null) return null;
    const { valueSchema } = record;
    if (!isEnvelope(valueSchema)) return record;
    const change = requireStruct(record.value, "Detect Debezium Operation");
    if (!this.#isEvent(change, record)) return null;
    return this.#route(record, change, rowState(record, valueSchema, "after"));
  }

  #isEvent(change: Struct, record: ConnectRecord): boolean {
    const operation = stringField(change, "op");
    if (operation === null) throw new NullPointerError("The change does not say its operation: its field op is null");
    if (operation === "u" && this.#settings.failOnUpdate) {
      const key = valueText(record.key ?? null, record.keySchema ?? null);
      throw new IllegalStateError(`Unexpected update message received ${key}, fail.`);
    }
    return operation !== "d" && operation !== "u";
  }

  #route<R extends ConnectRecord>(record: R, change: Struct, row: { schema: Schema; value: unknown }): R {
    const settings = this.#settings;
    const event = requireStruct(row.value, "Read Outbox Event");
    const payloadField = row.schema.field(settings.payload);
    if (payloadField === undefined) throw new ConnectError(`Unable to find payload field ${settings.payload} in event`);
    const timestamp = eventTimestamp(settings.timestamp, change, event);
    const headers = new ConnectHeaders(record.headers ?? []);
    const id = requireField(event.schema, settings.id);
    const raw = event.get(requireField(event.schema, settings.payload));
    headers.add("id", event.get(id), id.schema);
    const payload = this.#expanded({ schema: payloadField.schema, value: raw });
    const envelope = this.#envelopes?.wrap(event, payload) ?? null;
    const partition = this.#place(event, headers, envelope);
    const tombstone = settings.tombstoneOnEmptyPayload && isEmpty(payload.value);
    const value = tombstone ? null : (envelope ?? payload.value);
    const key = requireField(event.schema, settings.key);
    const routedBy = stringField(event, settings.routeByField);
    if (partition === null && "originalTopic" in record) {
      throw new NullPointerError(
        "A sink's record needs a partition. Place a field there with table.fields.additional.placement.",
      );
    }
    return {
      ...record,
      topic: settings.route.topicOf(routedBy),
      partition,
      keySchema: key.schema,
      key: event.get(key),
      valueSchema: tombstone ? null : (envelope?.schema ?? payload.schema),
      value,
      timestamp,
      headers,
    };
  }

  #expanded(payload: Payload): Payload {
    if (this.#expander === null || typeof payload.value !== "string") return payload;
    return this.#expander.expand(payload.value) ?? payload;
  }

  /** Puts the additional fields where they belong and answers the partition, null for none. */
  #place(event: Struct, headers: ConnectHeaders, envelope: Struct | null): number | null {
    let partition: number | null = null;
    for (const additional of this.#settings.additional) {
      if (this.#settings.ignoreMissing && event.schema.field(additional.field) === undefined) continue;
      switch (additional.placement) {
        case "envelope":
          envelope!.put(additional.alias, event.get(additional.field));
          break;
        case "header":
          addHeader(headers, event, additional);
          break;
        case "partition":
          partition = typedField(event, additional.field, "INT32") as number | null;
          break;
        case null:
          throw new NullPointerError(
            `table.fields.additional.placement gives ${additional.field} no known place. Name header, envelope or partition.`,
          );
      }
    }
    return partition;
  }
}

function addHeader(headers: ConnectHeaders, event: Struct, { field: name, alias }: AdditionalField): void {
  const field = requireField(event.schema, name);
  headers.add(alias, event.get(field), field.schema);
}

function isEmpty(payload: unknown): boolean {
  return payload === null || (typeof payload === "string" && isBlank(payload));
}
