// Pure: what ExtractNewRecordState makes of a record.

import {
  ClassCastError,
  ConnectHeaders,
  type ConnectRecord,
  javaClassName,
  NullPointerError,
  PerSchema,
  Schema,
  Struct,
  validateValue,
} from "@millrace/connect";
import { requireStruct } from "@millrace/transforms";
import { isEnvelope, type RowState, rowState } from "./envelope.ts";
import type { ExtractSettings } from "./extract-config.ts";
import { FieldDropper } from "./field-dropper.ts";
import { type ResolvedReference, referredValue, resolveReferences } from "./field-reference.ts";
import { isBlank } from "./is-blank.ts";
import { stringField, typedField } from "./struct-access.ts";
import { type CopyPlan, copyValues, planCopy } from "./struct-copy.ts";

/** Added fields for envelopes of one schema, and the copies they are added to, per schema of the row. */
interface Additions {
  readonly references: readonly ResolvedReference[];
  readonly copies: PerSchema<CopyPlan>;
}

interface DeletedRow {
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** Whatever is no envelope passes unchanged. A truncate is dropped. */
export class RowExtractor {
  readonly #settings: ExtractSettings;
  readonly #dropper: FieldDropper;
  readonly #headers = new PerSchema((envelope) => resolveReferences(this.#settings.addedHeaders, envelope));
  readonly #additions = new PerSchema((envelope) => this.#planAdditions(envelope));
  readonly #marked = new PerSchema((row) =>
    planCopy(row, row.fields, [{ name: "__deleted", schema: Schema.OPTIONAL_STRING }]),
  );

  constructor(settings: ExtractSettings) {
    this.#settings = settings;
    this.#dropper = new FieldDropper(settings.drop);
  }

  apply<R extends ConnectRecord>(input: R): R | null {
    const { valueSchema } = input;
    const envelope = isEnvelope(valueSchema) ? valueSchema : null;
    const tombstone = (input.value ?? null) === null;
    const record = envelope !== null || tombstone ? this.#addHeaders(input) : input;
    if (tombstone) return this.#settings.mode === "rewrite-with-tombstone" ? record : null;
    if (envelope === null) return record;
    const after = rowState(record, envelope, "after");
    if (after.value !== null) return this.#applyChange(record, after);
    const before = rowState(record, envelope, "before");
    return before.value === null ? null : this.#applyDelete(record, before, after.schema);
  }

  #applyChange<R extends ConnectRecord>(record: R, after: RowState): R {
    const row = this.#rewrites() ? this.#mark(after, "false") : after;
    const { routeByField } = this.#settings;
    let topic: string | null = null;
    if (routeByField !== null) {
      const purpose = "Read record to set topic routing for CREATE / UPDATE";
      topic = stringField(requireStruct(row.value, purpose), routeByField);
    }
    const value = this.#addFields(record, row.value);
    return this.#dropper.apply(withRow(record, { schema: value.schema, value }, topic));
  }

  #applyDelete<R extends ConnectRecord>(record: R, before: RowState, afterSchema: Schema): R | null {
    const row = this.#deleted(before, afterSchema);
    if (row === null) return null;
    const { routeByField } = this.#settings;
    let topic: string | null = null;
    if (routeByField !== null) {
      const old = typedField(record.value as Struct, "before", "STRUCT");
      if (old === null)
        throw new NullPointerError("The delete does not hold the old row, which route.by.field takes the topic from");
      topic = stringField(old as Struct, routeByField);
    }
    const kept = this.#dropper.apply(withRow(record, row, topic));
    if ((kept.value ?? null) === null) return kept;
    const value = this.#addFields(record, kept.value);
    return { ...kept, valueSchema: value.schema, value };
  }

  #deleted(before: RowState, afterSchema: Schema): DeletedRow | null {
    switch (this.#settings.mode) {
      case "drop":
        return null;
      case "tombstone":
        return { schema: afterSchema, value: null };
      case "delete-to-tombstone":
        return { schema: null, value: null };
      case "rewrite":
      case "rewrite-with-tombstone":
        return this.#mark(before, "true");
    }
  }

  #rewrites(): boolean {
    return this.#settings.mode === "rewrite" || this.#settings.mode === "rewrite-with-tombstone";
  }

  #mark(row: RowState, deleted: "true" | "false"): RowState {
    const { value } = row;
    if (!(value instanceof Struct)) return row;
    const plan = this.#marked.get(value.schema);
    const values = copyValues(plan, value, { defaults: this.#settings.replaceNullWithDefault });
    values[plan.sources.length] = deleted;
    return { schema: plan.schema, value: Struct.of(plan.schema, values) };
  }

  #addHeaders<R extends ConnectRecord>(record: R): R {
    const { addedHeaders } = this.#settings;
    if (addedHeaders.length === 0) return record;
    const headers = new ConnectHeaders(record.headers ?? []);
    const value = record.value ?? null;
    if (value === null) {
      for (const { field, newName } of addedHeaders) {
        if (field === "op") headers.add(newName, "d", Schema.STRING);
      }
      return withHeaders(record, headers);
    }
    if (!(value instanceof Struct))
      throw new ClassCastError(`The schema is that of a change event, the value is a ${javaClassName(value)}`);
    for (const reference of this.#headers.get(value.schema)) {
      headers.add(reference.name, referredValue(reference, value), reference.schema);
    }
    return withHeaders(record, headers);
  }

  /** Always a copy: it loses the row schema's default and is not optional. */
  #addFields(record: ConnectRecord, value: unknown): Struct {
    const row = requireStruct(value, "source field insertion");
    const envelope = record.value as Struct;
    stringField(envelope, "op");
    const { references, copies } = this.#additions.get(envelope.schema);
    const plan = copies.get(row.schema);
    const values = copyValues(plan, row, { defaults: false });
    const start = plan.sources.length;
    for (let i = 0; i < references.length; i++) {
      values[start + i] = fitting(references[i]!, referredValue(references[i]!, envelope));
    }
    return Struct.of(plan.schema, values);
  }

  /** Fields are added one after the other: a bad reference fails only when those before it could be added. */
  #planAdditions(envelope: Schema): Additions {
    const references: ResolvedReference[] = [];
    let failure: unknown = null;
    for (const reference of this.#settings.addedFields) {
      try {
        references.push(...resolveReferences([reference], envelope));
      } catch (error) {
        failure = error;
        break;
      }
    }
    const plan = (row: Schema): CopyPlan => {
      const copy = planCopy(row, row.fields, references);
      if (failure !== null) throw failure;
      return copy;
    };
    return { references, copies: new PerSchema(plan) };
  }
}

function withRow<R extends ConnectRecord>(record: R, row: RowState | DeletedRow, topic: string | null): R {
  const { schema: valueSchema, value } = row;
  return isBlank(topic) ? { ...record, valueSchema, value } : { ...record, topic, valueSchema, value };
}

/** Of what a struct or map consists is not in the reference's schema, so that Connect refuses such values here. */
function fitting({ schema, name }: ResolvedReference, value: unknown): unknown {
  if (schema.type === "STRUCT" || schema.type === "MAP") validateValue(schema, value, `field: "${name}"`, name);
  return value;
}

/** Most records have none before, and a spread that adds a property gives each copy a hidden class of its own. */
function withHeaders<R extends ConnectRecord>(record: R, headers: ConnectHeaders): R {
  return Object.assign({}, record, { headers });
}
