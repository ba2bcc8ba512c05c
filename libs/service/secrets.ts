// Pure: keeps what config providers gave out of everything that is shown (I9).

/** Shorter values are found in any text by chance: replacing those would garble it and hide nothing. */
const SECRET_CHARS_MIN = 4;

/** Values that came from config providers, by the reference that stands for them. */
export class Secrets {
  static readonly none = new Secrets(new Map());
  /** Longest first: one may hold another. */
  readonly #values: readonly (readonly [reference: string, value: string])[];

  /** @param others to be hidden as well. */
  constructor(values: ReadonlyMap<string, string>, others?: Secrets) {
    const own = [...values]
      .flatMap(([reference, value]) => forms(value).map((form) => [reference, form] as const))
      .filter(([, form]) => form.length >= SECRET_CHARS_MIN);
    this.#values = [...own, ...(others === undefined ? [] : others.#values)].sort(
      ([, a], [, b]) => b.length - a.length,
    );
  }

  /** The text with every such value replaced by its reference. */
  hide(text: string): string {
    let hidden = text;
    for (const [reference, value] of this.#values) hidden = hidden.replaceAll(value, () => reference);
    return hidden;
  }
}

/** As it is, as settings are read, and as it stands in a URL or in JSON. */
function forms(value: string): string[] {
  const trimmed = value.trim();
  return [
    ...new Set([
      value,
      trimmed,
      encodeURIComponent(trimmed.replaceAll(/\p{Surrogate}/gu, "\ufffd")),
      JSON.stringify(trimmed).slice(1, -1),
    ]),
  ];
}
