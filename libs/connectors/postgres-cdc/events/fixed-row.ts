// Pure: values that many records share, each with a Struct of its own, as transforms may change it.
import type { PackedLayout, PackedRow } from "@millrace/connect";

const NO_BYTES = new Uint8Array(0);

/** Converters know it again, and copy what it became before. */
export class FixedRow implements PackedRow {
  readonly layout: PackedLayout;
  readonly bytes = NO_BYTES;
  readonly length = 0;
  readonly #values: readonly unknown[];

  /** @param values never changed from now on. */
  constructor(layout: PackedLayout, values: readonly unknown[]) {
    this.layout = layout;
    this.#values = values;
  }

  locate(bounds: Int32Array): void {
    this.#values.forEach((value, i) => {
      bounds[2 * i] = 0;
      bounds[2 * i + 1] = value === null ? -1 : 0;
    });
  }

  value(field: number): unknown {
    return this.#values[field];
  }

  values(): unknown[] {
    return [...this.#values];
  }
}
