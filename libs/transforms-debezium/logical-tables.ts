// Pure: change events of several tables as those of one.
import { type ConnectRecord, PerSchema, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { copySchemaBasics, requireStruct } from "@millrace/transforms";
import { isEnvelope } from "./envelope.ts";
import type { LogicalTableSettings, Rename } from "./logical-table-config.ts";

interface Routed {
  /** Null: the record stays as it is. */
  readonly topic: string | null;
  /** Of the field that is added to keys. */
  readonly table: string;
}

interface EnvelopePlan {
  readonly schema: Schema;
  readonly row: Schema;
}

/** As in Debezium, schemas made for an old schema are used from then on: the first event's new topic is part of their names. */
export class LogicalTables {
  readonly #settings: LogicalTableSettings;
  readonly #routed = new Map<string, Routed>();
  readonly #keys = new PerSchema<{ schema: Schema | null }>(() => ({ schema: null }));
  readonly #envelopes = new PerSchema<{ plan: EnvelopePlan | null }>(() => ({ plan: null }));

  constructor(settings: LogicalTableSettings) {
    this.#settings = settings;
  }

  apply<R extends ConnectRecord>(record: R): R {
    const { topic, table } = this.#route(record.topic);
    if (topic === null || topic === "") return record;
    const { key: oldKey = null, value, valueSchema = null } = record;
    const key = oldKey === null ? null : this.#key(requireStruct(oldKey, "Updating schema"), topic, table);
    const routed = { ...record, topic, keySchema: key?.schema ?? null, key };
    if (value === null || value === undefined || !isEnvelope(valueSchema)) return routed;
    const envelope = this.#envelope(requireStruct(value, "Updating schema"), topic);
    return { ...routed, valueSchema: envelope.schema, value: envelope };
  }

  #route(topic: string): Routed {
    let routed = this.#routed.get(topic);
    if (routed === undefined) {
      const { key, cacheMax } = this.#settings;
      const table = key.rename === null ? topic : (renamed(key.rename, topic) ?? topic);
      routed = { topic: renamed(this.#settings.topic, topic), table };
      if (this.#routed.size >= cacheMax) this.#routed.clear();
      this.#routed.set(topic, routed);
    }
    return routed;
  }

  #key(key: Struct, topic: string, table: string): Struct {
    const kept = this.#keys.get(key.schema);
    kept.schema ??= this.#keySchema(key.schema, topic);
    const values = this.#settings.key.field === null ? key.values.slice() : [...key.values, table];
    return Struct.of(kept.schema, values);
  }

  #keySchema(old: Schema, topic: string): Schema {
    const { key, schemaName } = this.#settings;
    const builder = structAs(old, schemaName(`${topic}.Key`));
    for (const { name, schema } of old.fields) builder.field(name, schema);
    if (key.field !== null) builder.field(key.field, Schema.STRING);
    return builder.build();
  }

  #envelope(envelope: Struct, topic: string): Struct {
    const kept = this.#envelopes.get(envelope.schema);
    kept.plan ??= this.#envelopePlan(envelope.schema, topic);
    const { schema, row } = kept.plan;
    const values = envelope.schema.fields.map(({ name }) => {
      const value: unknown = envelope.get(name);
      return isRow(name) && value instanceof Struct ? Struct.of(row, value.values.slice()) : value;
    });
    return Struct.of(schema, values);
  }

  #envelopePlan(old: Schema, topic: string): EnvelopePlan {
    const { schemaName } = this.#settings;
    const oldRow = old.field("before")!.schema;
    const rowBuilder = structAs(oldRow, schemaName(`${topic}.Value`));
    for (const { name, schema } of oldRow.fields) rowBuilder.field(name, schema);
    const row = rowBuilder.build();
    const builder = structAs(old, schemaName(`${topic}.Envelope`));
    for (const { name, schema } of old.fields) builder.field(name, isRow(name) ? row : schema);
    return { schema: builder.build(), row };
  }
}

function isRow(name: string): boolean {
  return name === "before" || name === "after";
}

/** A struct with the old one's version, doc, parameters and optionality, and a new name. */
function structAs({ version, doc, parameters, optional }: Schema, name: string): SchemaBuilder {
  const builder = copySchemaBasics({ name, version, doc, parameters }, SchemaBuilder.struct());
  return optional ? builder.optional() : builder;
}

/** Null when the topic does not match as a whole. */
function renamed({ regex, replacement }: Rename, topic: string): string | null {
  return regex.matches(topic) ? regex.replaceFirst(topic, replacement) : null;
}
