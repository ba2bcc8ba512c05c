// Pure: lists of regular expressions that say which tables, columns and prefixes are meant.

/** Whole-name match, case-insensitive, as Debezium's include and exclude lists. */
export type Matches = (name: string) => boolean;

export const EVERYTHING: Matches = () => true;

/** True for names that one of the expressions matches in full. Commas inside an expression are written `\,`. */
export function anyOf(expressions: readonly string[]): Matches {
  const patterns = expressions.filter((each) => each.trim() !== "").map((each) => wholeName(each.trim()));
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** By an include list or, without one, an exclude list; with neither everything is meant. */
export function includeOrExclude(include: readonly string[] | null, exclude: readonly string[] | null): Matches {
  if (include !== null && include.length > 0) return anyOf(include);
  if (exclude !== null && exclude.length > 0) {
    const excluded = anyOf(exclude);
    return (name) => !excluded(name);
  }
  return EVERYTHING;
}

/** Splits a list at commas that are not escaped. */
export function splitList(text: string | null): string[] {
  if (text === null) return [];
  return text
    .split(/(?<!\\),/)
    .map((each) => each.trim().replaceAll("\\,", ","))
    .filter((each) => each !== "");
}

function wholeName(expression: string): RegExp {
  return new RegExp(`^(?:${expression})$`, "iu".slice(0, unicodeSafe(expression) ? 2 : 1));
}

/** Java takes escapes that JavaScript's `u` flag refuses. */
function unicodeSafe(expression: string): boolean {
  try {
    new RegExp(expression, "u");
    return true;
  } catch {
    return false;
  }
}
