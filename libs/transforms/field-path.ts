// Pure: paths to fields, as KIP-821 writes them.

import {
  CaseInsensitiveValidString,
  ConfigError,
  type ConfigKeyDefinition,
  type Field,
  IllegalArgumentError,
  type MapData,
  type Schema,
  type Struct,
} from "@millrace/connect";
import { getEntry } from "./map-data.ts";
import { requireMapOrNull, requireStructOrNull } from "./requirements.ts";
import { fieldOf } from "./schema-fields.ts";

const PURPOSE = "nested field access";

/** V1: the text is one name. V2: names with dots between them; backticks around a name that has dots itself. */
type FieldSyntaxVersion = "V1" | "V2";

export const FIELD_SYNTAX_VERSION_KEY: ConfigKeyDefinition = {
  name: "field.syntax.version",
  type: "STRING",
  default: "V1",
  validator: CaseInsensitiveValidString.in("V1", "V2"),
  importance: "HIGH",
  documentation:
    "How field names are read. V1: as they are, always of the outermost struct or map. V2: as paths into nested ones, " +
    'with dots; a name that contains dots stands between backticks, as in "`a.b`.c".',
};

export function fieldSyntaxVersion(config: Readonly<Record<string, unknown>>): FieldSyntaxVersion {
  return (config[FIELD_SYNTAX_VERSION_KEY.name] as string).toUpperCase() as FieldSyntaxVersion;
}

/** The way to one field. */
export class SingleFieldPath {
  readonly #parents: readonly string[];
  readonly #last: string | undefined;

  /** @throws ConfigError for V2 text with a backtick that is not closed. */
  constructor(text: string, version: FieldSyntaxVersion) {
    const steps = version === "V1" ? [text] : parsePath(text);
    this.#last = steps.at(-1);
    this.#parents = steps.slice(0, -1);
  }

  /**
   * Undefined when there is no such field.
   * @throws DataError when the path leads through something other than a struct.
   */
  fieldFrom(schema: Schema): Field | undefined {
    let current = schema;
    const last = this.#lastStep();
    for (const step of this.#parents) {
      const field = fieldOf(current, step);
      if (field === undefined) return undefined;
      current = field.schema;
    }
    return fieldOf(current, last);
  }

  /** Null when there is none. Structs on the way are replaced by their default when null, whatever the last step does. */
  valueFromStruct(struct: Struct, nullBecomesDefault: boolean): unknown {
    let current: Struct | null = struct;
    const last = this.#lastStep();
    for (const step of this.#parents) {
      const field: Field | undefined = current.schema.field(step);
      if (field === undefined) return null;
      current = requireStructOrNull(current.get(field), PURPOSE);
      if (current === null) return null;
    }
    const field = current.schema.field(last);
    if (field === undefined) return null;
    return nullBecomesDefault ? current.get(field) : current.valueAt(field.index);
  }

  /** Null when there is none. */
  valueFromMap(map: MapData): unknown {
    let current: MapData | null = map;
    const last = this.#lastStep();
    for (const step of this.#parents) {
      current = requireMapOrNull(getEntry(current, step), PURPOSE);
      if (current === null) return null;
    }
    return getEntry(current, last);
  }

  #lastStep(): string {
    if (this.#last === undefined) {
      throw new IllegalArgumentError("The path is empty. Name at least one field, or set field.syntax.version to V1.");
    }
    return this.#last;
  }
}

/** No steps for the empty text; a dot at the end means a last step with an empty name. */
function parsePath(text: string): string[] {
  const steps: string[] = [];
  let at = 0;
  while (at < text.length) {
    const step = text[at] === "`" ? quotedStep(text, at) : plainStep(text, at);
    steps.push(step.name);
    at = step.end + 1;
  }
  if (text.endsWith(".")) steps.push("");
  return steps;
}

interface Step {
  readonly name: string;
  /** Of the dot behind it, or of the text. */
  readonly end: number;
}

function plainStep(text: string, start: number): Step {
  const dot = text.indexOf(".", start);
  const end = dot < 0 ? text.length : dot;
  return { name: text.slice(start, end), end };
}

/**
 * Ends at a backtick that the text or a dot follows. One with a backslash before it does not end it there, and stands
 * for itself; any other backtick is part of the name, with its backslash.
 */
function quotedStep(text: string, start: number): Step {
  let name = "";
  let from = start + 1;
  let search = from;
  for (;;) {
    const tick = text.indexOf("`", search);
    const escaped = text[tick - 1] === "\\";
    const last = tick === text.length - 1;
    if (tick < 0 || (last && escaped)) {
      throw new ConfigError(
        `Incomplete backtick pair in path: [${text}], consider adding a backslash before backtick at position ${start} to escape it`,
      );
    }
    if (last || (text[tick + 1] === "." && !escaped)) return { name: name + text.slice(from, tick), end: tick + 1 };
    search = tick + 1;
    if (text[search] !== ".") continue;
    name += `${text.slice(from, tick - 1)}\``;
    from = search;
  }
}
