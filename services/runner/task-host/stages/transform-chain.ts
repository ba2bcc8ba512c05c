import type { ConnectRecord, Predicate, Transformation } from "@millrace/connect";

export interface TransformStep {
  readonly alias: string;
  readonly className: string;
  readonly transformation: Transformation;
  /** Absent: always applied. */
  readonly condition: { readonly predicate: Predicate; readonly negate: boolean } | null;
}

/** The configured transforms in order, each guarded by its predicate (`negate XOR test`). */
export class TransformChain {
  #steps: readonly TransformStep[];
  /** Class of the step that runs, or ran last: what an error report names. */
  executing = "";

  constructor(steps: readonly TransformStep[]) {
    this.#steps = steps;
  }

  /** @returns the transformed record, or null when a step dropped it. */
  apply<R extends ConnectRecord>(record: R): R | null {
    let current: R | null = record;
    for (const step of this.#steps) {
      this.executing = step.className;
      if (step.condition && step.condition.negate === step.condition.predicate.test(current)) continue;
      current = step.transformation.apply(current);
      if (current === null) return null;
    }
    return current;
  }

  /** Every step by itself, for whoever looks at each. They are this chain's own: close only this. */
  each(): { alias: string; className: string; applies(record: ConnectRecord): boolean; chain: TransformChain }[] {
    return this.#steps.map(({ condition, ...step }) => ({
      alias: step.alias,
      className: step.className,
      applies: (record) => condition === null || condition.negate !== condition.predicate.test(record),
      chain: new TransformChain([{ ...step, condition: null }]),
    }));
  }

  close(): void {
    for (const step of this.#steps) {
      step.transformation.close?.();
      step.condition?.predicate.close?.();
    }
  }
}
