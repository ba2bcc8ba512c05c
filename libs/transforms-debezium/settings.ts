// Pure: reading and checking settings as Debezium's Configuration and Field do. Texts are not trimmed.
import { javaTrim } from "@millrace/java-text";

export type Settings = Readonly<Record<string, string | null | undefined>>;

/** What is wrong with a value, in Debezium's words, or null. The value is null when it is not set and has no default. */
export type Check = (value: string | null) => string | null;

export function textSetting<Default extends string | null>(
  settings: Settings,
  name: string,
  defaultValue: Default,
): string | Default {
  const value = Object.hasOwn(settings, name) ? settings[name] : null;
  return value ?? defaultValue;
}

/** Anything that is neither true nor false means the default. */
export function booleanSetting(settings: Settings, name: string, defaultValue: boolean): boolean {
  const text = javaTrim(textSetting(settings, name, "")).toLowerCase();
  if (text === "true") return true;
  return text === "false" ? false : defaultValue;
}

/** One of the literals, in any case, or null. */
export function literal<Literal extends string>(value: string, literals: readonly Literal[]): Literal | null {
  const lower = javaTrim(value).toLowerCase();
  return literals.find((each) => each === lower) ?? null;
}

/** `shown` has the literals in the order of Debezium's message. */
export function oneOf(literals: readonly string[], shown: readonly string[] = literals): Check {
  return (value) => {
    if (value === null || literal(value, literals) !== null) return null;
    return `Value must be one of ${shown.join(", ")}`;
  };
}

export const isBoolean: Check = (value) =>
  value === null || ["true", "false"].includes(javaTrim(value).toLowerCase())
    ? null
    : "Either 'true' or 'false' is expected";
