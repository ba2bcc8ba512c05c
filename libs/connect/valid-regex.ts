// Pure: is a setting a regular expression of java.util.regex? Said with Java's message.
import { JavaPattern, PatternSyntaxError } from "@millrace/java-text";
import { invalidValue } from "./config-type.ts";
import { type ConfigValidator, lambda } from "./config-validators.ts";

/** The text is a regular expression as java.util.regex of Java 17 takes it. */
export const ValidRegex: ConfigValidator = lambda((name, value) => {
  const problem = value === null ? "null" : regexProblem(value as string);
  if (problem !== null) throw invalidValue(name, value, `Invalid regex: ${problem}`);
}, "valid regex");

/** Java's message for a text that is no regular expression, else null. */
export function regexProblem(pattern: string): string | null {
  try {
    new JavaPattern(pattern);
    return null;
  } catch (error) {
    if (error instanceof PatternSyntaxError) return error.message;
    throw error;
  }
}
