// Pure: what Cast does to the fields of a struct, worked out once for each schema.

import {
  asJavaObject,
  DataError,
  type Field,
  PerSchema,
  type Schema,
  SchemaBuilder,
  Struct,
  validateValue,
} from "@millrace/connect";
import type { CastTarget } from "./cast-spec.ts";
import { type CastFunction, castUnder, refuseSource } from "./cast-value.ts";
import { copySchemaBasics, structLike } from "./schema-basics.ts";
import { fieldsOf } from "./schema-fields.ts";
import { mayNotFit, refuseNull } from "./struct-copy.ts";

interface CastOptions {
  readonly strict: boolean;
  readonly nullsBecomeDefaults: boolean;
}

/** The whole key or value as one type; the schema keeps its name, even that of a logical type. */
export class WholeCast {
  readonly schema: Schema;
  readonly cast: CastFunction;

  constructor(old: Schema, target: CastTarget, { strict, name }: { readonly strict: boolean; readonly name: string }) {
    this.cast = castUnder(old, { target, strict, name });
    this.schema = withDefault(copySchemaBasics(old, SchemaBuilder.type(target)), old, this.cast);
  }
}

interface Move {
  readonly from: number;
  /** Undefined: the struct is not of the record's schema, which has no such field. */
  readonly to: Field | undefined;
  /** Null: the value stays as it is. */
  readonly cast: CastFunction | null;
  /** What stands for null: the field's default, or null. */
  readonly whenNull: unknown;
  readonly required: boolean;
}

export class StructCast {
  readonly schema: Schema;
  readonly #targets: ReadonlyMap<string, CastTarget>;
  readonly #options: CastOptions;
  readonly #size: number;
  /** By the struct's own schema, which is the record's unless somebody made a mistake. */
  readonly #moves: PerSchema<readonly Move[]>;

  constructor(old: Schema, targets: ReadonlyMap<string, CastTarget>, options: CastOptions) {
    this.#size = fieldsOf(old).length;
    this.#targets = targets;
    this.#options = options;
    this.schema = this.#schemaOf(old);
    this.#moves = new PerSchema((from) => this.#movesFrom(from, from === old || from.equals(old)));
  }

  /** @throws DataError for the first field that cannot be cast, or that is null and must not be. */
  apply(struct: Struct): Struct {
    const old = struct.values;
    const moves = this.#moves.get(struct.schema);
    const values = new Array<unknown>(this.#size);
    if (moves.length < values.length) values.fill(null);
    for (let i = 0; i < moves.length; i++) {
      const { from, to, cast, whenNull, required } = moves[i]!;
      const value = old[from] ?? whenNull;
      const result = value === null || cast === null ? value : cast(value);
      if (to === undefined) throw new DataError("field cannot be null.");
      if (result === null && required) refuseNull(to);
      values[to.index] = result;
    }
    return Struct.of(this.schema, values);
  }

  #schemaOf(old: Schema): Schema {
    const builder = structLike(old);
    for (const { name, schema } of old.fields) {
      const target = this.#targets.get(name);
      if (target === undefined) builder.field(name, schema);
      else builder.field(name, withDefault(SchemaBuilder.type(target), schema, this.#cast(name, schema, target)));
    }
    // A struct's default cannot be cast, and Connect does not leave it out.
    return withDefault(builder, old, () => refuseSource("STRUCT"));
  }

  /** @param trusted The struct has the record's schema: values that are not cast need no check. */
  #movesFrom(from: Schema, trusted: boolean): Move[] {
    return from.fields.map((field) => {
      const to = this.schema.field(field.name);
      const target = this.#targets.get(field.name);
      const whenNull = this.#options.nullsBecomeDefaults ? (field.schema.default ?? null) : null;
      const keep = to === undefined || (trusted && !mayNotFit(whenNull)) ? null : checked(field, to);
      const cast = target === undefined ? keep : this.#cast(field.name, field.schema, target);
      return { from: field.index, to, cast, whenNull, required: to !== undefined && !to.schema.optional };
    });
  }

  #cast(field: string, schema: Schema, target: CastTarget): CastFunction {
    return castUnder(schema, { target, strict: this.#options.strict, name: `field "${field}"` });
  }
}

function withDefault(builder: SchemaBuilder, old: Schema, cast: CastFunction): Schema {
  if (old.optional) builder.optional();
  if (old.default !== undefined) builder.defaultValue(cast(old.default));
  return builder.build();
}

function checked(from: Field, to: Field): CastFunction {
  return (value) => {
    validateValue(to.schema, asJavaObject(from.schema, value), `field: "${to.name}"`, to.name);
    return value;
  };
}
