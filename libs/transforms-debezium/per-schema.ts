// What a transform works out once for each schema it meets.
import type { Schema } from "@millrace/connect";

/** Keeps `compile`'s answer by the schema's identity, for as long as the schema lives. What throws is tried again. */
export class PerSchema<T> {
  readonly #compile: (schema: Schema) => T;
  readonly #kept = new WeakMap<Schema, { readonly plan: T }>();
  #lastSchema: Schema | null = null;
  #lastPlan: T | undefined;

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
