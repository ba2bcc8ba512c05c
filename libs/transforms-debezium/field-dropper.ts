// Pure: removes the fields that a record's own header lists, as Connect's ReplaceField would.

import {
  ClassCastError,
  ConfigDef,
  type ConnectRecord,
  entriesOf,
  javaClassName,
  NullPointerError,
  PerSchema,
  type Schema,
  Struct,
  ValidList,
  valueText,
} from "@millrace/connect";
import { fieldsOf, requireMap, requireStruct } from "@millrace/transforms";
import type { DropSettings } from "./extract-config.ts";
import { isBlank } from "./is-blank.ts";
import { type CopyPlan, copyValues, planCopy } from "./struct-copy.ts";

const PURPOSE = "field replacement";
/** Different lists kept per schema. */
const PLANS_MAX = 64;

const EXCLUDE = new ConfigDef().define({
  name: "exclude",
  type: "LIST",
  default: [],
  validator: ValidList.anyNonDuplicateValues(true, false),
  importance: "MEDIUM",
  documentation: "Fields to exclude.",
});

interface Half {
  readonly schema: Schema | null;
  readonly value: unknown;
}

export class FieldDropper {
  readonly #settings: DropSettings;
  readonly #plans = new PerSchema(() => new Map<string, CopyPlan>());

  constructor(settings: DropSettings) {
    this.#settings = settings;
  }

  apply<R extends ConnectRecord>(record: R): R {
    const names = this.#listed(record);
    if (names.length === 0) return record;
    const { key = null, keySchema = null, value = null, valueSchema = null } = record;
    const newKey =
      this.#settings.fromKey && key !== null
        ? this.#without({ schema: keySchema, value: key }, names)
        : { schema: keySchema, value: key };
    const newValue = this.#without({ schema: valueSchema, value }, names);
    return {
      ...record,
      keySchema: newKey.schema,
      key: newKey.value,
      valueSchema: newValue.schema,
      value: newValue.value,
    };
  }

  #listed(record: ConnectRecord): readonly unknown[] {
    const { headerName } = this.#settings;
    if (isBlank(headerName)) return [];
    for (const header of record.headers ?? []) {
      if (header.key !== headerName) continue;
      if (header.value === null) return [];
      if (!Array.isArray(header.value)) {
        const found = javaClassName(header.value, header.schema);
        throw new ClassCastError(`Header ${headerName} holds a ${found}, not a list of field names`);
      }
      return header.value;
    }
    return [];
  }

  #without(half: Half, names: readonly unknown[]): Half {
    const dropped = this.#settings.keepSchemaCompatible ? optionalOf(half.schema, names) : names;
    if (dropped.length === 0) return half;
    const { schema, value } = half;
    const list = dropped
      .filter((name) => name !== null)
      .map((name) => valueText(name))
      .join(",");
    if (schema === null || value === null) {
      const excluded = excludedBy(list);
      return value === null ? half : { schema: null, value: mapWithout(value, excluded) };
    }
    const struct = requireStructAfter(list, value);
    const plan = this.#planOf(struct.schema, list);
    return { schema: plan.schema, value: Struct.of(plan.schema, copyValues(plan, struct, { defaults: true })) };
  }

  #planOf(schema: Schema, list: string): CopyPlan {
    const plans = this.#plans.get(schema);
    let plan = plans.get(list);
    if (plan === undefined) {
      const excluded = excludedBy(list);
      plan = planCopy(
        schema,
        schema.fields.filter((field) => !excluded.has(field.name)),
      );
      if (plans.size >= PLANS_MAX) plans.clear();
      plans.set(list, plan);
    }
    return plan;
  }
}

function optionalOf(schema: Schema | null, names: readonly unknown[]): string[] {
  if (schema === null)
    throw new NullPointerError(
      "The record has no schema that says which fields are optional. Set drop.fields.keep.schema.compatible to false.",
    );
  return fieldsOf(schema)
    .filter((field) => field.schema.optional && names.includes(field.name))
    .map((field) => field.name);
}

/** @throws ConfigError when a name is listed twice or is empty. */
function excludedBy(list: string): ReadonlySet<string> {
  return new Set(EXCLUDE.parse({ exclude: list }).exclude as string[]);
}

function requireStructAfter(list: string, value: unknown): Struct {
  if (!(value instanceof Struct)) excludedBy(list);
  return requireStruct(value, PURPOSE);
}

function mapWithout(value: unknown, excluded: ReadonlySet<string>): Map<unknown, unknown> {
  return new Map([...entriesOf(requireMap(value, PURPOSE))].filter(([key]) => !excluded.has(key as string)));
}
