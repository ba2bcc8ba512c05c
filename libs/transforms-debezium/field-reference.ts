// Pure: the entries of `add.fields` and `add.headers`: what of an envelope they name and what it is called when added.

import {
  ClassCastError,
  type Field,
  IllegalArgumentError,
  IndexOutOfBoundsError,
  javaClassName,
  NullPointerError,
  type Schema,
  Struct,
} from "@millrace/connect";
import { javaSplit, javaTrim } from "@millrace/java-text";
import { fieldOf } from "@millrace/transforms";
import { optionalOutline } from "./struct-copy.ts";

/** `op`, `source.lsn`, `before.id:OLD_ID`. */
export interface FieldReference {
  /** The envelope's field that holds it; null for the envelope itself. */
  readonly struct: string | null;
  readonly field: string;
  /** With the prefix. */
  readonly newName: string;
}

/** A reference as it applies to envelopes of one schema. */
export interface ResolvedReference {
  readonly name: string;
  readonly schema: Schema;
  /** Position of the holding struct; null when the value is looked for in the envelope alone. */
  readonly holder: Field | null;
  readonly field: Field;
  readonly inHolder: boolean;
}

/** Where a name without a struct is looked for first; anything else in `source`. */
const HOLDERS: Readonly<Record<string, string | null>> = {
  id: "transaction",
  data_collection_order: "transaction",
  total_order: "transaction",
  op: null,
  ts_ms: null,
  ts_us: null,
  ts_ns: null,
  updateDescription: "updateDescription",
};

/** @throws IllegalArgumentError when an entry has more than one colon. */
export function parseReferences(prefix: string, list: string): readonly FieldReference[] {
  if (list === "") return [];
  return javaSplit(list, ",").map((entry) => parseReference(prefix, javaTrim(entry)));
}

function parseReference(prefix: string, entry: string): FieldReference {
  const parts = javaSplit(entry, ":");
  const steps = javaSplit(parts[0] ?? refuseEmpty(entry), ".");
  const [first = refuseEmpty(entry), second] = steps;
  const field = second ?? first;
  const struct = second === undefined ? holderOf(field) : first;
  if (parts.length > 2) throw new IllegalArgumentError(`Unexpected field name: ${entry}`);
  const newName = parts[1] ?? (second === undefined ? field : `${struct}_${field}`);
  return { struct, field, newName: prefix + newName };
}

function refuseEmpty(entry: string): never {
  throw new IndexOutOfBoundsError(`"${entry}" names no field`);
}

function holderOf(field: string): string | null {
  return Object.hasOwn(HOLDERS, field) ? HOLDERS[field]! : "source";
}

/** Those that are in the envelope; one that is not in its struct may be in the envelope itself. */
export function resolveReferences(references: readonly FieldReference[], envelope: Schema): ResolvedReference[] {
  return references.flatMap((reference) => {
    const holder = reference.struct === null ? null : holdingField(envelope, reference.struct);
    const held = fieldOf(holder?.schema ?? envelope, reference.field);
    const field = held ?? envelope.field(reference.field);
    if (field === undefined) return [];
    return [
      { name: reference.newName, schema: optionalOutline(field.schema), holder, field, inHolder: held !== undefined },
    ];
  });
}

function holdingField(envelope: Schema, name: string): Field {
  const field = envelope.field(name);
  if (field === undefined)
    throw new NullPointerError(
      `${envelope} has no field "${name}" to take fields from. Correct add.fields or add.headers.`,
    );
  return field;
}

/** Null where the struct that would hold it is null, even if the envelope itself has such a field. */
export function referredValue({ holder, field, inHolder }: ResolvedReference, envelope: Struct): unknown {
  if (holder === null) return envelope.values[field.index] ?? null;
  const held = envelope.values[holder.index] ?? null;
  if (held === null) return null;
  if (!(held instanceof Struct))
    throw new ClassCastError(`Field "${holder.name}" of the change holds a ${javaClassName(held)}, not a struct`);
  return (inHolder ? held : envelope).values[field.index] ?? null;
}
