// What is worked out once for each schema.
import type { Schema } from "./data/schema.ts";

/**
 * Keeps `compile`'s answer by the schema's identity, for as long as the schema lives. Records mostly come in runs of one
 * schema object, so the last one is compared first. Equal schemas that are not the same object are compiled again, as is
 * one for which `compile` threw.
 */
export class PerSchema<T> {
  readonly #compile: (schema: Schema) => T;
  readonly #kept = new WeakMap<Schema, { readonly plan: T }>();
  #lastSchema: Schema | null = null;
  #lastPlan: T | undefined;

  /** @param compile is called with a schema when it is first met. */
  constructor(compile: (schema: Schema) => T) {
    this.#compile = compile;
  }

  get(schema: Schema): T {
    if (schema === this.#lastSchema) return this.#lastPlan as T;
    let kept = this.#kept.get(schema);
    if (kept === undefined) {
      kept = { plan: this.#compile(schema) };
      this.#kept.set(schema, kept);
    }
    this.#lastSchema = schema;
    this.#lastPlan = kept.plan;
    return kept.plan;
  }
}
