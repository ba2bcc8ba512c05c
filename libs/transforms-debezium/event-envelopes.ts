// Pure: values of outbox events that hold more than the payload.
import {
  ConnectError,
  NullPointerError,
  PerSchema,
  type Schema,
  SchemaBuilder,
  SchemaBuilderError,
  Struct,
} from "@millrace/connect";
import type { RouterSettings } from "./router-config.ts";
import { stringField, typedField } from "./struct-access.ts";

const PAYLOAD = "payload";

/**
 * Wraps payloads. As in Debezium, the schema made for a payload's schema (or for a version, if events have one) is used
 * from then on, even for events routed elsewhere: the first one's route is part of its name.
 */
export class EventEnvelopes {
  readonly #settings: RouterSettings;
  readonly #byPayload = new PerSchema<{ schema: Schema | null }>(() => ({ schema: null }));
  readonly #byVersion = new Map<number | null, Schema>();

  constructor(settings: RouterSettings) {
    this.#settings = settings;
  }

  /** A struct with its field "payload" set and room for the additional fields of the event. */
  wrap(event: Struct, payload: { readonly schema: Schema | null; readonly value: unknown }): Struct {
    const { schemaVersion } = this.#settings;
    const schema =
      schemaVersion === null
        ? this.#ofPayload(event, payload.schema)
        : this.#ofVersion(event, payload.schema, typedField(event, schemaVersion, "INT32") as number | null);
    return new Struct(schema).put(PAYLOAD, payload.value);
  }

  #ofPayload(event: Struct, payloadSchema: Schema | null): Schema {
    const routedBy = stringField(event, this.#settings.routeByField);
    if (payloadSchema === null)
      throw new NullPointerError(
        "The payload has no schema, so it cannot be put into an envelope. Place no field in the envelope.",
      );
    const kept = this.#byPayload.get(payloadSchema);
    kept.schema ??= this.#builder(event, payloadSchema, routedBy).build();
    return kept.schema;
  }

  #ofVersion(event: Struct, payloadSchema: Schema | null, version: number | null): Schema {
    const routedBy = stringField(event, this.#settings.routeByField);
    let schema = this.#byVersion.get(version);
    if (schema === undefined) {
      if (payloadSchema === null) throw new SchemaBuilderError("fieldSchema for field payload cannot be null.");
      const builder = this.#builder(event, payloadSchema, routedBy);
      if (version !== null) builder.version(version);
      schema = builder.build();
      this.#byVersion.set(version, schema);
    }
    return schema;
  }

  #builder(event: Struct, payloadSchema: Schema, routedBy: string | null): SchemaBuilder {
    const builder = SchemaBuilder.struct().name(schemaName(event.schema.name, String(routedBy)));
    builder.field(PAYLOAD, payloadSchema);
    for (const { placement, field: name, alias } of this.#settings.additional) {
      if (placement !== "envelope") continue;
      const field = event.schema.field(name);
      if (field !== undefined) builder.field(alias, field.schema);
      else if (!this.#settings.ignoreMissing) throw new ConnectError(`Unable to find field ${name} in event`);
    }
    return builder;
  }
}

/** `server.schema.outbox.Value` of an event routed by Order: `server.schema.outbox.Order.Value`. */
function schemaName(eventSchema: string | null, routedBy: string): string {
  if (eventSchema === null) return routedBy;
  const end = eventSchema.lastIndexOf(".") + 1;
  return `${eventSchema.slice(0, end)}${routedBy}.${eventSchema.slice(end)}`;
}
