// Pure: types of worker properties, with Kafka's words for what is wrong.
import * as z from "zod";

/** Kafka's text for a value that is not there. */
export const MISSING = "MISSING";

interface Range {
  readonly min?: number;
  readonly max?: number;
}

const INT_MAX = 2 ** 31 - 1;

function outOfRange(value: number, { min, max }: Range): string | null {
  if (min !== undefined && value < min) return `Value must be at least ${min}`;
  if (max !== undefined && value > max) return `Value must be no more than ${max}`;
  return null;
}

/** A field of one property: what is absent becomes `absent`, or is an error when that is undefined. */
function field<T, D>(absent: D | undefined, parse: (text: string) => { value: T } | { problem: string }) {
  return z
    .string()
    .optional()
    .transform((text, context): T | D => {
      if (text === undefined) {
        if (absent !== undefined) return absent;
        context.addIssue({ code: "custom", message: MISSING });
        return z.NEVER;
      }
      const parsed = parse(text);
      if ("value" in parsed) return parsed.value;
      context.addIssue({ code: "custom", message: parsed.problem });
      return z.NEVER;
    });
}

export function text<D = string>(absent?: D) {
  return field<string, D>(absent, (value) => ({ value: value.trim() }));
}

/** Blank is as good as absent. */
export function textOrNull() {
  return field<string | null, null>(null, (value) => ({ value: value.trim() === "" ? null : value.trim() }));
}

/** Text that may not be blank. */
export function name<D = string>(absent?: D) {
  return field<string, D>(absent, (value) =>
    value.trim() === "" ? { problem: "String must be non-empty" } : { value: value.trim() },
  );
}

function integer<D>(type: "INT" | "LONG", absent: D | undefined, range: Range) {
  return field<number, D>(absent, (value) => {
    const trimmed = value.trim();
    const number = Number(trimmed);
    const typeMax = type === "INT" ? INT_MAX : Number.MAX_SAFE_INTEGER;
    if (!/^[+-]?\d+$/.test(trimmed) || Math.abs(number) > typeMax) return { problem: `Not a number of type ${type}` };
    const problem = outOfRange(number, range);
    return problem === null ? { value: number } : { problem };
  });
}

export function int<D = number>(absent?: D, range: Range = {}) {
  return integer("INT", absent, range);
}

export function long<D = number>(absent?: D, range: Range = {}) {
  return integer("LONG", absent, range);
}

/** A number of partitions or replicas: above zero, or -1 for the broker's default. */
export function count<D = number>(absent: D | undefined, problem: string) {
  return field<number, D>(absent, (value) => {
    const number = Number(value.trim());
    if (!/^[+-]?\d+$/.test(value.trim())) return { problem: "Not a number of type INT" };
    return number > 0 || number === -1 ? { value: number } : { problem };
  });
}

export function boolean(absent: boolean) {
  return field<boolean, boolean>(absent, (value) => {
    const lower = value.trim().toLowerCase();
    return lower === "true" || lower === "false"
      ? { value: lower === "true" }
      : { problem: "Expected value to be either true or false" };
  });
}

export function oneOf<V extends string, D = V>(values: readonly V[], absent?: D) {
  return field<V, D>(absent, (value) => {
    const found = values.find((accepted) => accepted === value.trim());
    return found === undefined ? { problem: `String must be one of: ${values.join(", ")}` } : { value: found };
  });
}

/** Text that `parse` reads, or refuses by throwing. */
export function parsed<T, D = T>(parse: (text: string) => T, absent?: D) {
  return field<T, D>(absent, (value) => {
    try {
      return { value: parse(value.trim()) };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  });
}

export function list<D = readonly string[]>(absent?: D) {
  return field<readonly string[], D>(absent, (value) => ({ value: split(value) }));
}

/** A list whose items `parse` reads or refuses by throwing. */
export function listOf<T, D = readonly T[]>(parse: (item: string) => T, empty: string | null, absent?: D) {
  return field<readonly T[], D>(absent, (value) => {
    const items = split(value);
    if (items.length === 0 && empty !== null) return { problem: empty };
    try {
      return { value: items.map(parse) };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  });
}

function split(value: string): string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
