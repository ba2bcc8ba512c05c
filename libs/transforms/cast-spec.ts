// Pure: Cast's `spec`, e.g. `id:int32,price:float64`, or one type for the whole key or value.

import { ConfigError, type ConfigValidator, lambda, type SchemaType } from "@millrace/connect";
import { javaSplit, javaTrim } from "@millrace/java-text";

export const CAST_TARGETS = ["INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "BOOLEAN", "STRING"] as const;
export type CastTarget = (typeof CAST_TARGETS)[number];

interface CastSpec {
  /** Null: only fields are cast. */
  readonly whole: CastTarget | null;
  readonly fields: ReadonlyMap<string, CastTarget>;
}

/** Schema types Connect knows but nothing can be cast to. */
const OTHER_TYPES: readonly SchemaType[] = ["BYTES", "ARRAY", "MAP", "STRUCT"];

/** Java's split leaves nothing of colons alone, and Cast looks at what is not there. */
class MissingTypeError extends ConfigError {
  override readonly javaClass: string = "java.lang.ArrayIndexOutOfBoundsException";
}

export const ValidCastSpec: ConfigValidator = lambda((_name, value) => {
  if (value === null || (value as readonly string[]).length === 0) {
    throw new ConfigError("Must specify at least one field to cast.");
  }
  parseCastSpec(value as readonly string[]);
}, "list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>");

/** Of a field named twice the last type counts. @throws ConfigError for a mapping that is none, or an unknown type. */
export function parseCastSpec(mappings: readonly string[]): CastSpec {
  let whole: CastTarget | null = null;
  const fields = new Map<string, CastTarget>();
  for (const mapping of mappings) {
    const parts = javaSplit(mapping, ":");
    if (parts.length > 2) {
      const list = `[${mappings.join(", ")}]`;
      throw new ConfigError(`Invalid value ${list} for configuration renames: Invalid rename mapping: ${mapping}`);
    }
    if (parts.length === 0) throw new MissingTypeError(`spec names no type in "${mapping}". Write field:type.`);
    if (parts.length === 1) whole = parseTarget(parts[0]!);
    else fields.set(javaTrim(parts[0]!), parseTarget(parts[1]!));
  }
  if (whole !== null && mappings.length > 1) {
    throw new ConfigError(
      "Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec",
    );
  }
  return { whole, fields };
}

function parseTarget(text: string): CastTarget {
  const trimmed = javaTrim(text);
  const type = trimmed.toUpperCase();
  const target = CAST_TARGETS.find((each) => each === type);
  if (target !== undefined) return target;
  if ((OTHER_TYPES as readonly string[]).includes(type)) {
    throw new ConfigError(
      `Cast transformation does not support casting to ${type}; supported types are [${CAST_TARGETS.join(", ")}]`,
    );
  }
  const cause = `java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.${type}`;
  throw new ConfigError(`Invalid value ${cause} for configuration Invalid type found in casting spec: ${trimmed}`);
}
