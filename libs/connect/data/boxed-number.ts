// Pure: numbers that say their width, for schemaless data where a bare number cannot.
import { doubleText, floatText } from "./number-text.ts";

/** A number that is not what a bare one would mean: see the value rules in schema.ts. */
export abstract class BoxedNumber {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return String(this.value);
  }

  toJSON(): number {
    return this.value;
  }

  equals(other: unknown): boolean {
    return other instanceof BoxedNumber && other.constructor === this.constructor && Object.is(this.value, other.value);
  }
}

/** A schemaless int8, -128 to 127. */
export class Int8 extends BoxedNumber {}
/** A schemaless int16, -32768 to 32767. */
export class Int16 extends BoxedNumber {}
/** A schemaless int32. */
export class Int32 extends BoxedNumber {}

/** A schemaless float32: the value is rounded to one. */
export class Float32 extends BoxedNumber {
  constructor(value: number) {
    super(Math.fround(value));
  }

  override toString(): string {
    return floatText(this.value);
  }
}

/** A schemaless float64, for whole numbers: a bare one is an int64. */
export class Float64 extends BoxedNumber {
  override toString(): string {
    return doubleText(this.value);
  }
}
