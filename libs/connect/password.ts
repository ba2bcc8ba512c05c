// Pure: a secret that does not show itself.

/** `value` is the only way to the text; printing, logging and JSON give `[hidden]`. */
export class Password {
  static readonly HIDDEN = "[hidden]";
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  get value(): string {
    return this.#value;
  }

  equals(other: unknown): boolean {
    return other instanceof Password && other.#value === this.#value;
  }

  toString(): string {
    return Password.HIDDEN;
  }

  toJSON(): string {
    return Password.HIDDEN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return Password.HIDDEN;
  }
}
