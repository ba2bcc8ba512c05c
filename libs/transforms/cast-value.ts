// Pure: the cast of one place's values, worked out once for each schema that stands there.
import {
  BoxedNumber,
  ClassCastError,
  ConnectDate,
  DataError,
  Decimal,
  Float32,
  Float64,
  fitsInt64,
  Int8,
  Int16,
  Int32,
  isMap,
  javaClassName,
  type Schema,
  type SchemaType,
  Struct,
  Time,
  Timestamp,
} from "@millrace/connect";
import { CAST_RULES, type CastRules } from "./cast-rules.ts";
import { CAST_TARGETS, type CastTarget } from "./cast-spec.ts";
import { strictRules } from "./strict-cast.ts";

/** Of values other than null. */
export type CastFunction = (value: unknown) => unknown;

interface CastPlace {
  readonly target: CastTarget;
  readonly strict: boolean;
  /** What is cast, for messages: `field "id"`, `the key`. */
  readonly name: string;
}

const SOURCES = `[${CAST_TARGETS.join(", ")}, BYTES]`;

/** What dates become before anything else is made of them, except text. */
const ENCODERS: Readonly<Record<string, (schema: Schema, value: Date) => number>> = {
  [ConnectDate.LOGICAL_NAME]: ConnectDate.fromLogical,
  [Time.LOGICAL_NAME]: Time.fromLogical,
  [Timestamp.LOGICAL_NAME]: Timestamp.fromLogical,
};

/** Casts values of a schema to values of a schema of the target type. */
export function castUnder(schema: Schema, place: CastPlace): CastFunction {
  const { type, name } = schema;
  if (type === "ARRAY" || type === "MAP" || type === "STRUCT") return () => refuseSource(type);
  const rules = rulesFor(place);
  const encode = name === null || place.target === "STRING" ? undefined : ENCODERS[name];
  if (encode !== undefined) return (value) => rules.integer(encode(schema, requireDate(value, place)));
  const ofNumber = type === "FLOAT32" ? rules.float32 : type === "FLOAT64" ? rules.float64 : rules.integer;
  return (value) => {
    if (typeof value === "number") return ofNumber(value);
    return typeof value === "string" ? rules.text(value) : castObject(rules, value);
  };
}

/** Casts values that have no schema. Results follow the rules of such: what a bare number cannot say comes boxed. */
export function castSchemaless(place: CastPlace): CastFunction {
  const rules = rulesFor(place);
  const box = BOXES[place.target];
  return (value) => {
    if (typeof value === "string") return box(rules.text(value));
    if (typeof value === "number") return box(isInt64(value) ? rules.integer(value) : rules.float64(value));
    if (value instanceof BoxedNumber) return box(castBoxed(rules, value));
    requireSource(value);
    return box(castObject(rules, value));
  };
}

function rulesFor({ target, strict, name }: CastPlace): CastRules {
  return strict ? strictRules(target, name) : CAST_RULES[target];
}

function castObject(rules: CastRules, value: unknown): unknown {
  if (typeof value === "boolean") return rules.boolean(value);
  if (typeof value === "bigint") return rules.integer(value);
  if (value instanceof BoxedNumber) return castBoxed(rules, value);
  return value instanceof Decimal ? rules.decimal(value) : rules.other(value);
}

function castBoxed(rules: CastRules, boxed: BoxedNumber): unknown {
  const { value } = boxed;
  if (boxed.constructor === Float64) return rules.float64(value);
  return boxed.constructor === Float32 ? rules.float32(value) : rules.integer(value);
}

function isInt64(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

const asIs = (value: unknown): unknown => value;
const BOXES: Readonly<Record<CastTarget, (value: unknown) => unknown>> = {
  INT8: (value) => new Int8(value as number),
  INT16: (value) => new Int16(value as number),
  INT32: (value) => new Int32(value as number),
  INT64: asIs,
  FLOAT32: (value) => new Float32(value as number),
  FLOAT64: (value) => (Number.isSafeInteger(value) ? new Float64(value as number) : value),
  BOOLEAN: asIs,
  STRING: asIs,
};

/** Without a schema, what is neither of Connect's own types nor one that can be cast is refused first. */
function requireSource(value: unknown): void {
  if (typeof value === "boolean" || value instanceof Uint8Array) return;
  if (typeof value === "bigint" && fitsInt64(value)) return;
  if (value instanceof Struct) refuseSource("STRUCT");
  if (Array.isArray(value)) refuseSource("ARRAY");
  if (isMap(value)) refuseSource("MAP");
  const className = javaClassName(value);
  throw new DataError(
    `Cast transformation was passed a value of type class ${className} which is not supported by Connect's data API`,
  );
}

export function refuseSource(type: SchemaType): never {
  throw new DataError(`Cast transformation does not support casting from ${type}; supported types are ${SOURCES}`);
}

function requireDate(value: unknown, { name }: CastPlace): Date {
  if (value instanceof Date) return value;
  const found = `class ${javaClassName(value)} cannot be cast to class java.util.Date`;
  throw new ClassCastError(`${found}: the schema of ${name} is one of dates, the value is none`);
}
