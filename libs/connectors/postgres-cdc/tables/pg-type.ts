// Pure: a type of the database, as far as values of it are concerned.

export interface PgType {
  readonly oid: number;
  readonly name: string;
  readonly schema: string;
  /** b base, c composite, d domain, e enum, r range, m multirange, p pseudo. */
  readonly kind: string;
  /** Of an array. */
  readonly element: PgType | null;
  /** Between an array's elements. */
  readonly delimiter: string;
  /** Of a domain: what it is made of, with that one's modifier. */
  readonly base: PgType | null;
  readonly baseModifier: number;
  /** Of an enum, in order. */
  readonly labels: readonly string[];
}

/** A domain's base type, and the modifier that counts. */
export function plainType(type: PgType, modifier: number): { readonly type: PgType; readonly modifier: number } {
  let at = { type, modifier };
  while (at.type.kind === "d" && at.type.base !== null) {
    at = { type: at.type.base, modifier: at.modifier >= 0 ? at.modifier : at.type.baseModifier };
  }
  return at;
}

/** Of numeric: null without precision and scale. */
export function numericSize(modifier: number): { readonly precision: number; readonly scale: number } | null {
  if (modifier < 4) return null;
  const packed = modifier - 4;
  // Eleven bits with a sign, since Postgres 15.
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}

/** Of time and timestamp types, 0 to 6. */
export function fractionDigits(modifier: number): number {
  return modifier < 0 ? 6 : modifier;
}

/** Of text types and bits: null without a limit. */
export function lengthLimit(name: string, modifier: number): number | null {
  if (modifier < 0) return null;
  return name === "bit" || name === "varbit" ? modifier : modifier - 4;
}
